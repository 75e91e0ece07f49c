"""The home page: what Daypass is, and the visitor's pass, if any."""

from flask import Blueprint, request

from daypass.web.context import current_runtime
from daypass.web.credentials import read_credentials
from daypass.web.rendering import render_page
from daypass.web.verdict import visitor

pages = Blueprint("home", __name__)


@pages.get("/")
def home() -> str:
    """Show the home page.

    "Signed out" is shown only to visitors without a token, so that a crafted link cannot show it to others.
    """
    runtime, environ = current_runtime(), request.environ
    cookie = read_credentials(environ, runtime.settings.cookie_name).cookie
    anonymous = visitor(runtime, environ) is None and cookie is None
    notices = {name: name in request.args for name in ("signed_out", "deleted")} if anonymous else {}
    return render_page("daypass/pages/home.html", **notices)
