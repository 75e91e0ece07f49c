"""A second service: it accepts the passes of another Daypass, has no database, and no sign-in page of its own.

Start that Daypass with `DAYPASS_ALGORITHM=ES256 daypass`, whose keys others can verify, and sign in there at
http://127.0.0.1:8000. Then run this in its folder, `flask run`, and open http://127.0.0.1:5000/reports.
"""

import os

from flask import Flask

from daypass import Daypass, current_pass, token_required

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8000")


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["DAYPASS_BASE_URL"] = "http://127.0.0.1:5000"
    Daypass(app, issuer=ISSUER)

    @app.get("/reports")
    @token_required
    def reports() -> dict[str, object]:
        return {"reader": current_pass.name, "reports": ["2026-10", "2026-11"]}

    return app
