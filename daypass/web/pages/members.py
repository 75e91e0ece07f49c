"""An example of a protected page: copy it to make your own."""

from flask import Blueprint

from daypass.web.gate import current_claims, token_required
from daypass.web.rendering import render_page

pages = Blueprint("members", __name__)


@pages.get("/members")
@token_required(api_tokens=True)
def members() -> str:
    return render_page("daypass/pages/members.html", name=current_claims().name)
