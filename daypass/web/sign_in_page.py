"""The sign-in page: for visitors who ask for it, and for those whose pass was refused."""

from typing import Any
from urllib.parse import quote

from flask import Response, make_response, request

from daypass.errors import DaypassError, ServiceUnavailable
from daypass.gate import Refusal
from daypass.runtime import Runtime
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import cookies
from daypass.web.context import current_runtime
from daypass.web.destination import destination
from daypass.web.forms import LoginForm
from daypass.web.refused_pass import RefusedPass, describe_refused_pass
from daypass.web.rendering import render_page
from daypass.web.return_to import allow_form_redirect
from daypass.web.verdict import presented_bad_cookie, verdict

SAFE_IN_PATH = "!$&'()*+,/:;=@"  # characters that a path may contain unquoted (RFC 3986 section 3.3)
SAFE_IN_QUERY = SAFE_IN_PATH + '?%[]{}|^`<>"'  # the browser has quoted the query already


def sign_in_page(target: str | None) -> Response:
    """The page for a visitor who asked for it. It says so if the visitor's pass has expired or ended.

    target: the page to return to.
    """
    return _page(target, refused=_over(current_runtime()))


def failed_sign_in_page(form: LoginForm, error: DaypassError) -> Response:
    """The page after a sign-in that failed, with the values of the form that was sent."""
    return _page(form.next.data, error.status, error=error, username=form.username.data, keep=form.keep.data)


def _page(target: str | None, status: int = 200, **variables: Any) -> Response:
    runtime = current_runtime()
    allow_form_redirect(runtime, target)
    page = render_page("daypass/pages/login.html", next=target, destination=destination(runtime, target), **variables)
    return make_response(page, status)


def _over(runtime: Runtime) -> RefusedPass | None:
    """The visitor's pass, if it has expired or ended."""
    try:
        found = verdict(runtime, request.environ)
    except ServiceUnavailable:
        return None
    if isinstance(found, Refusal) and found.error.claims is not None:
        return describe_refused_pass(found.error)
    return None


def refused_page(error: InvalidToken) -> Response:
    """The page for a visitor whose pass was refused, or who has none.

    A cookie that was changed or forged is cleared. One that expired or ended is kept, so that the page can say so when
    it is loaded again.
    """
    runtime, reads = current_runtime(), request.method in ("GET", "HEAD")
    target = requested_url() if reads else None
    forged = error.fault is TokenFault.FORGED
    page = render_page(
        "daypass/pages/invalid_token.html" if forged else "daypass/pages/login.html",
        next=target,
        destination=destination(runtime, target),
        refused=describe_refused_pass(error),
        nothing_done=not reads,
    )
    response = make_response(page, error.status)
    if forged and presented_bad_cookie(request.environ):
        cookies.clear_token(response, runtime.settings)
    return response


def requested_url() -> str:
    """Path and query of the request, quoted as in a URL, in ASCII only."""
    path = quote(request.path, safe=SAFE_IN_PATH)
    return f"{path}?{quote(request.query_string, safe=SAFE_IN_QUERY)}" if request.query_string else path
