"""An example of a protected page: copy it to make your own."""

from flask import Blueprint, render_template

from daypass.gate import holder, token_required

pages = Blueprint("members", __name__)


@pages.get("/members")
@token_required(programs=True)
def members() -> str:
    return render_template("daypass/pages/members.html", name=holder().name)
