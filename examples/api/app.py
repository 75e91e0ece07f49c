"""A JSON API for programs: each request has an API token, which its owner creates at /auth/account/tokens.

Run it in this folder: `flask daypass user add alice`, then `flask run`. With the token in $TOKEN:
`curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:5000/orders`
"""

from flask import Flask

from daypass import Daypass, current_pass, token_required

ORDERS = {"alice": ["tea", "biscuits"]}


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["DAYPASS_BASE_URL"] = "http://127.0.0.1:5000"
    Daypass(app, url_prefix="/auth")

    @app.get("/orders")
    @token_required(api_tokens=True)
    def orders() -> dict[str, object]:
        return {"account": current_pass.account_id, "orders": ORDERS.get(current_pass.name, [])}

    return app
