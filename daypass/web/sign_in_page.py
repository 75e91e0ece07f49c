"""The sign-in page: for visitors who ask for it, and for those whose pass was refused."""

from typing import Any

from flask import Response, make_response, request

from daypass.errors import DaypassError, ServiceUnavailable
from daypass.gate import Pass
from daypass.runtime import Runtime
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import cookies
from daypass.web.context import current_runtime
from daypass.web.destination import destination
from daypass.web.forms import LoginForm
from daypass.web.refused_pass import describe_refused_pass
from daypass.web.rendering import render_page
from daypass.web.requested_url import requested_url
from daypass.web.return_to import allow_form_redirect, return_target
from daypass.web.verdict import presented_bad_cookie, verdict


def sign_in_page(target: str | None) -> Response:
    """The page for a visitor who asked for it, or whom a proxy sent here. It says why the visitor's pass was refused.

    target: the page to return to.
    """
    runtime = current_runtime()
    home = runtime.settings.home
    returns_to = return_target(runtime, target) if target else home
    requested = None if returns_to == home else returns_to
    return _page(target, refusal=_refusal(runtime, requested), requested=requested)


def failed_sign_in_page(form: LoginForm, error: DaypassError) -> Response:
    """The page after a sign-in that failed, with the values of the form that was sent."""
    return _page(form.next.data, error.status, error=error, username=form.username.data, keep=form.keep.data)


def refused_page(error: InvalidToken) -> Response:
    """The page for a visitor whose pass was refused, or who has none."""
    reads = request.method in ("GET", "HEAD")
    requested = (request.script_root + request.full_path).removesuffix("?") if reads else None
    target = requested_url() if reads else None
    return _page(target, error.status, refusal=error, requested=requested, nothing_done=not reads)


def _page(target: str | None, status: int = 200, *, refusal: InvalidToken | None = None, **variables: Any) -> Response:
    """The page, with the stamp if the token was changed or forged. The cookie of such a token is cleared.

    One that expired or ended is kept, so that the page can say so when it is loaded again.
    """
    runtime, forged = current_runtime(), refusal is not None and refusal.fault is TokenFault.FORGED
    allow_form_redirect(runtime, target)
    page = render_page(
        "daypass/pages/invalid_token.html" if forged else "daypass/pages/login.html",
        next=target,
        destination=destination(runtime, target),
        refused=describe_refused_pass(refusal) if refusal else None,
        **variables,
    )
    response = make_response(page, status)
    if forged and presented_bad_cookie(request.environ):
        cookies.clear_token(response, runtime.settings)
    return response


def _refusal(runtime: Runtime, requested: str | None) -> InvalidToken | None:
    """What the gate says of the visitor's pass; of a missing one only if a page was requested."""
    try:
        found = verdict(runtime, request.environ)
    except ServiceUnavailable:
        return None
    if isinstance(found, Pass) or (found.error.fault is TokenFault.MISSING and requested is None):
        return None
    return found.error
