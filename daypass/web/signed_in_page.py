"""The page that visitors see instead of a sign-in or sign-up form while they are signed in."""

from flask import Response, make_response, request

from daypass.runtime import Runtime
from daypass.web.context import current_runtime
from daypass.web.destination import destination
from daypass.web.rendering import render_page
from daypass.web.return_to import SWITCH, return_target
from daypass.web.verdict import visitor


def is_signed_in(runtime: Runtime) -> bool:
    """Whether the browser is signed in, unless the visitor asked to sign in as somebody else."""
    own = visitor(runtime, request.environ)
    return own is not None and own.from_cookie and SWITCH not in request.args


def signed_in_page(target: str | None) -> Response:
    """The page: "You are signed in as alice", with a link to the page to return to, and one to the form."""
    runtime = current_runtime()
    page = render_page(
        "daypass/pages/signed_in.html",
        target=return_target(runtime, target),
        destination=destination(runtime, target),
        form_arguments={"next": target, SWITCH: "1"},
    )
    return make_response(page)
