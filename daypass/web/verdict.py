"""The gate's verdict on a request, and what its pass gives access to."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daypass.audit.events import Event
from daypass.errors import ServiceUnavailable
from daypass.gate import Pass, Refusal
from daypass.runtime import GateRuntime
from daypass.sessions import scopes
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web.audit import request_facts
from daypass.web.credentials import read_credentials
from daypass.web.request_errors import AccessDenied

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# keys in the environ, not in `flask.g`, which requests nested in one app context share
VERDICT, ADMITTED = "daypass.verdict", "daypass.admitted"
RECORDED = "daypass.refusal_recorded"  # key in the environ of a request that repeats one whose refusal was recorded
ANYONE = "anyone signed in"  # the attribute `required_role` of gated views that need no role


def verdict(runtime: GateRuntime, environ: "WSGIEnvironment") -> Pass | Refusal:
    """The gate's verdict on the request; the gate is asked only once.

    Raises ServiceUnavailable.
    """
    found: Pass | Refusal | ServiceUnavailable | None = environ.get(VERDICT)
    if found is None:
        found = environ[VERDICT] = _ask_gate(runtime, environ)
    if isinstance(found, ServiceUnavailable):
        raise found
    return found


def _ask_gate(runtime: GateRuntime, environ: "WSGIEnvironment") -> Pass | Refusal | ServiceUnavailable:
    try:
        runtime.start()
        return runtime.gate.verdict(read_credentials(environ, runtime.settings.cookie_name), datetime.now(UTC))
    except ServiceUnavailable as error:
        return error


def visitor(runtime: GateRuntime, environ: "WSGIEnvironment") -> Pass | None:
    """The pass of the visitor, on any page.

    None without a valid token, for an API token that was not admitted to a gated page, and while the database cannot
    be reached.
    """
    try:
        found = verdict(runtime, environ)
    except ServiceUnavailable:
        return None
    if isinstance(found, Refusal) or (found.is_api_token and ADMITTED not in environ):
        return None
    return found


def replace_verdict(environ: "WSGIEnvironment", admitted: Pass) -> None:
    """Replace the verdict with the pass of a session that this request started."""
    environ[VERDICT] = admitted


def hide_visitor(environ: "WSGIEnvironment") -> None:
    """Treat the visitor as anonymous, so that the response reveals nothing."""
    environ[VERDICT] = Refusal(InvalidToken("not asked", TokenFault.MISSING), from_cookie=False)


def presented_bad_cookie(environ: "WSGIEnvironment") -> bool:
    """Whether the request was refused because of its cookie."""
    found = environ.get(VERDICT)
    return isinstance(found, Refusal) and found.from_cookie


def admit(
    runtime: GateRuntime, environ: "WSGIEnvironment", role: str | None = None, *, api_tokens: bool = False
) -> Pass:
    """Admit the request.

    Raises InvalidToken or AccessDenied, both logged, or ServiceUnavailable.
    """
    found = verdict(runtime, environ)
    if isinstance(found, Refusal):
        record_refusal(runtime, environ, Event.TOKEN_REFUSED, reason=found.error.reason)
        raise found.error
    if found.is_api_token:
        check_scope(runtime, environ, found, scopes.own_host(runtime.settings), api_tokens=api_tokens)
    environ[ADMITTED] = True
    check_role(runtime, environ, found.claims, role)
    return found


def check_scope(
    runtime: GateRuntime, environ: "WSGIEnvironment", admitted: Pass, host: str, /, *, api_tokens: bool, **facts: str
) -> None:
    """Raise AccessDenied, logged, for an API token not valid for this page or host.

    api_tokens: whether the page allows API tokens. facts: for the audit log. Passes of browsers are not checked.
    """
    if not admitted.is_api_token:
        return
    if not api_tokens:
        reason, message = "this page does not allow API tokens", "This page does not allow API tokens."
    elif not scopes.covers(admitted.claims, host, runtime.settings):
        reason, message = f"the token is not valid for {host}", f"This API token is not valid for the host {host}."
    else:
        return
    account = admitted.claims.subject
    record_refusal(runtime, environ, Event.API_TOKEN_REFUSED, account=account, reason=reason, **facts)
    raise AccessDenied(reason, message, scope_error=message)


def check_role(runtime: GateRuntime, environ: "WSGIEnvironment", claims: Claims, role: str | None) -> None:
    """Raise AccessDenied, logged, if a role is required and missing."""
    if role is not None and role not in claims.roles:
        record_refusal(runtime, environ, Event.ROLE_MISSING, account=claims.subject, reason=role)
        raise AccessDenied(
            f"role {role} is missing",
            f"You need the role “{role}” to see this page.",
            scope_error=f"The role {role} is missing.",
        )


def record_refusal(runtime: GateRuntime, environ: "WSGIEnvironment", event: Event, **facts: str | None) -> None:
    """Record that the request was refused, with its facts, unless an earlier request has recorded it."""
    if RECORDED in environ:
        return
    runtime.audit.record(event, "failure", **request_facts(environ, runtime.settings) | facts)
