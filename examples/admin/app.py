"""Flask-Admin, for accounts with the role `staff`.

Run it in this folder: `pip install Flask-Admin`, `flask daypass user add alice`,
`flask daypass user roles alice --add staff`, then `flask run`, and open http://127.0.0.1:5000/admin/.
"""

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView

from daypass import Daypass, current_pass, token_required


class ForStaff(AdminIndexView):
    def is_accessible(self) -> bool:
        return bool(current_pass) and current_pass.has_role("staff")

    def inaccessible_callback(self, name: str, **kwargs: object) -> ResponseReturnValue:
        return refuse()


@token_required(role="staff")
def refuse() -> str:
    """Only for visitors whom `token_required` refuses: with the sign-in form, or because the role is missing."""
    return ""


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["DAYPASS_BASE_URL"] = "http://127.0.0.1:5000"
    Daypass(app, url_prefix="/auth")
    Admin(app, name="Shop", index_view=ForStaff())
    return app
