"""The first page: what this is, and your pass if you hold one."""

from flask import Blueprint, render_template, request

from daypass.web.context import current_runtime
from daypass.web.credentials import read_credentials
from daypass.web.verdict import visitor

pages = Blueprint("home", __name__)


@pages.get("/")
def home() -> str:
    """What is told of the last act is told only to those whom it can be true of: nobody is signed in any more."""
    cookie = read_credentials(request.environ, current_runtime().settings.cookie_name).cookie
    nobody = visitor() is None and cookie is None
    told = {word: word in request.args for word in ("signed_out", "deleted")} if nobody else {}
    return render_template("daypass/pages/home.html", **told)
