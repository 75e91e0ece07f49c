"""The first page: what this is, and your pass if you hold one."""

from flask import Blueprint, render_template, request

from daypass import cookies
from daypass.extensions import process
from daypass.gate import visitor

pages = Blueprint("home", __name__)


@pages.get("/")
def home() -> str:
    """What is told of the last act is told only to those whom it can be true of: nobody is signed in any more."""
    nobody = visitor() is None and cookies.read(request, process().settings) is None
    told = {word: word in request.args for word in ("signed_out", "deleted")} if nobody else {}
    return render_template("daypass/pages/home.html", **told)
