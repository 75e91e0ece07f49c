"""The first page: what this is, and your pass if you hold one."""

from flask import Blueprint, render_template, request

pages = Blueprint("home", __name__)


@pages.get("/")
def home() -> str:
    return render_template("home.html", signed_out="signed_out" in request.args, deleted="deleted" in request.args)
