"""The page that asks before signing out, to which apps can link."""

from flask import Blueprint, request

from daypass.web.context import current_runtime
from daypass.web.destination import destination
from daypass.web.rendering import render_page
from daypass.web.return_to import allow_form_redirect, sign_out_target

pages = Blueprint("signout", __name__)


@pages.get("/logout")
def ask() -> str:
    """Ask whether to sign out, and say where that leads. Visitors who are not signed in get a link there.

    A GET changes nothing, so that no other site can sign visitors out (ASVS 3.5.3).
    """
    runtime, target = current_runtime(), request.args.get("to")
    allow_form_redirect(runtime, target)
    found = sign_out_target(runtime, target)
    return render_page("daypass/pages/sign_out.html", target=found, destination=destination(runtime, found))
