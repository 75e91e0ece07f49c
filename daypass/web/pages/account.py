"""“Your pass”: the visitor's pass, and what it contains."""

from flask import Blueprint

from daypass.web.context import current_runtime
from daypass.web.current_pass import admitted_pass
from daypass.web.gate import token_required
from daypass.web.pass_details import own_pass
from daypass.web.rendering import render_page

pages = Blueprint("account", __name__, url_prefix="/account")


@pages.get("")
@token_required
def account() -> str:
    own = own_pass(admitted_pass().token, current_runtime().keys.ring)
    return render_page("daypass/pages/account.html", own=own)
