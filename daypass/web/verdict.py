"""The gate's verdict on the current request, and what its pass gives access to."""

from datetime import UTC, datetime

from flask import request

from daypass.audit.events import Event
from daypass.errors import ServiceUnavailable
from daypass.gate import Pass, Refusal
from daypass.sessions import scopes
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import audit
from daypass.web.context import current_runtime
from daypass.web.credentials import read_credentials
from daypass.web.request_errors import AccessDenied

# keys in the environ, not in `flask.g`, which requests nested in one app context share
VERDICT, ADMITTED = "daypass.verdict", "daypass.admitted"


def current_verdict() -> Pass | Refusal:
    """The gate's verdict on the current request; the gate is asked only once.

    Raises ServiceUnavailable.
    """
    if VERDICT not in request.environ:
        request.environ[VERDICT] = _ask_gate()
    verdict: Pass | Refusal | ServiceUnavailable = request.environ[VERDICT]
    if isinstance(verdict, ServiceUnavailable):
        raise verdict
    return verdict


def _ask_gate() -> Pass | Refusal | ServiceUnavailable:
    runtime = current_runtime()
    credentials = read_credentials(request.environ, runtime.settings.cookie_name)
    try:
        return runtime.gate.verdict(credentials, datetime.now(UTC))
    except ServiceUnavailable as error:
        return error


def visitor() -> Pass | None:
    """The pass of the visitor, on any page.

    None without a valid token, for an API token that was not admitted to a gated page, and while the database cannot
    be reached.
    """
    try:
        verdict = current_verdict()
    except ServiceUnavailable:
        return None
    if isinstance(verdict, Refusal) or (verdict.is_api_token and ADMITTED not in request.environ):
        return None
    return verdict


def browser_session_id() -> str | None:
    """The id of the session that this browser is signed in with, or None."""
    own = visitor()
    return own.claims.session_id if own else None


def replace_verdict(admitted: Pass) -> None:
    """Replace the verdict with the pass of a session that this request started."""
    request.environ[VERDICT] = admitted


def hide_visitor() -> None:
    """Treat the visitor as anonymous, so that the response reveals nothing."""
    request.environ[VERDICT] = Refusal(InvalidToken("not asked", TokenFault.MISSING), from_cookie=False)


def presented_bad_cookie() -> bool:
    """Whether the current request was refused because of its cookie."""
    verdict = request.environ.get(VERDICT)
    return isinstance(verdict, Refusal) and verdict.from_cookie


def admit(role: str | None = None, *, api_tokens: bool = False) -> Pass:
    """Admit the current request.

    Raises InvalidToken or AccessDenied, both logged, or ServiceUnavailable.
    """
    verdict = current_verdict()
    if isinstance(verdict, Refusal):
        audit.record(Event.TOKEN_REFUSED, "failure", reason=verdict.error.reason)
        raise verdict.error
    if verdict.is_api_token:
        check_scope(verdict, scopes.own_host(current_runtime().settings), api_tokens=api_tokens)
    request.environ[ADMITTED] = True
    check_role(verdict.claims, role)
    return verdict


def check_scope(admitted: Pass, host: str, /, *, api_tokens: bool, **facts: str) -> None:
    """Raise AccessDenied, logged, for an API token not valid for this page or host.

    api_tokens: whether the page allows API tokens. facts: for the audit log. Passes of browsers are not checked.
    """
    if not admitted.is_api_token:
        return
    if not api_tokens:
        reason, message = "this page does not allow API tokens", "This page does not allow API tokens."
    elif not scopes.covers(admitted.claims, host, current_runtime().settings):
        reason, message = f"the token is not valid for {host}", f"This API token is not valid for the host {host}."
    else:
        return
    audit.record(Event.API_TOKEN_REFUSED, "failure", account=admitted.claims.subject, reason=reason, **facts)
    raise AccessDenied(reason, message, scope_error=message)


def check_role(claims: Claims, role: str | None) -> None:
    """Raise AccessDenied, logged, if a role is required and missing."""
    if role is not None and role not in claims.roles:
        audit.record(Event.ROLE_MISSING, "failure", account=claims.subject, reason=role)
        raise AccessDenied(
            f"role {role} is missing",
            f"You need the role “{role}” to see this page.",
            scope_error=f"The role {role} is missing.",
        )
