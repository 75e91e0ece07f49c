"""An example of a protected page: copy it to make your own."""

from flask import Blueprint, render_template

from daypass.web.gate import current_claims, token_required

pages = Blueprint("members", __name__)


@pages.get("/members")
@token_required(api_tokens=True)
def members() -> str:
    return render_template("daypass/pages/members.html", name=current_claims().name)
