"""`@token_required`, and the pass of the current request."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar, overload

from flask import Response, after_this_request, current_app, make_response, request

from daypass.audit.events import Event
from daypass.errors import ServiceUnavailable
from daypass.gate import Pass, Refusal
from daypass.sessions import scopes
from daypass.tokens.claims import Claims, Token
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import audit, reauthentication, renewal, resent_request
from daypass.web.context import current_db, current_runtime
from daypass.web.credentials import read_credentials
from daypass.web.request_errors import AccessDenied
from daypass.web.sign_in import set_token_cookie

P = ParamSpec("P")
R = TypeVar("R")

# in the environ, and not in `flask.g`: requests that are nested in one app context share that
VERDICT, ADMITTED = "daypass.verdict", "daypass.admitted"


def current_verdict() -> Pass | Refusal:
    """The gate's verdict on the current request, asked for once. Raises ServiceUnavailable."""
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

    None for requests without a valid token, for API tokens that opened no gated page, and while the database does not
    answer.
    """
    try:
        verdict = current_verdict()
    except ServiceUnavailable:
        return None
    if isinstance(verdict, Refusal) or (verdict.is_api_token and ADMITTED not in request.environ):
        return None
    return verdict


def hide_visitor() -> None:
    """Treat the current request as anonymous, so that its response says nothing about the visitor."""
    request.environ[VERDICT] = Refusal(InvalidToken("not asked", TokenFault.MISSING), from_cookie=False)


def presented_bad_cookie() -> bool:
    """Whether the current request was refused because of its cookie."""
    verdict = request.environ.get(VERDICT)
    return isinstance(verdict, Refusal) and verdict.from_cookie


def current_pass() -> Pass:
    """The pass of a gated page. Call it below `@token_required` only."""
    verdict = current_verdict()
    if isinstance(verdict, Refusal):
        raise verdict.error
    return verdict


def current_claims() -> Claims:
    """The claims of the current pass. Call it below `@token_required` only."""
    return current_pass().claims


@overload
def token_required(view: Callable[P, R]) -> Callable[P, Response]: ...
@overload
def token_required(
    *, role: str | None = None, fresh: int | None = None, api_tokens: bool = False
) -> Callable[[Callable[P, R]], Callable[P, Response]]: ...
def token_required(
    view: Callable[..., Any] | None = None,
    *,
    role: str | None = None,
    fresh: int | None = None,
    api_tokens: bool = False,
) -> Any:
    """Admit only requests with a valid token: `@token_required`, or `@token_required(role="admin")`.

    Others get 401 "Invalid token", or 403 if the token is valid and the role is missing.

    fresh: the password must have been entered at most this many seconds ago. Otherwise a page asks for it, and sends
    the same form again. api_tokens: admit API tokens too, if they were issued for Daypass's own host.
    """
    if view is None:
        return lambda view: _guard(view, role, fresh, api_tokens)
    return _guard(view, role, fresh, api_tokens)


def _guard(view: Callable[P, Any], role: str | None, max_age: int | None, api_tokens: bool) -> Callable[P, Response]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        admitted = admit(role, api_tokens=api_tokens)
        fresh = None if max_age is None else _reauthenticate(admitted, max_age, role)
        response = make_response(current_app.ensure_sync(view)(*args, **kwargs))
        if admitted.from_cookie and fresh is None:
            renewal.renew_if_due(current_runtime(), admitted.claims, response)
        renewal.record_activity(current_runtime(), current_claims())
        return response

    guarded.required_role = role or "anyone signed in"  # type: ignore[attr-defined]  # what test_routes looks for
    guarded.api_tokens = api_tokens  # type: ignore[attr-defined]  # the same
    return guarded


def _reauthenticate(admitted: Pass, max_age: int, role: str | None) -> Claims | None:
    """The claims of the session that a password in this request's form started; None if the last one is recent."""
    runtime = current_runtime()
    claims = reauthentication.confirm(runtime, current_db(), admitted.claims, max_age, from_form=admitted.from_cookie)
    if claims is not None:
        request.environ[VERDICT] = Pass(Token(claims, admitted.token.header), from_cookie=True)
        after_this_request(partial(set_token_cookie, runtime, claims))  # on error responses too
        _check_role(claims, role)
        resent_request.restore(runtime.settings, claims.subject)
    return claims


def admit(role: str | None = None, *, api_tokens: bool = False) -> Pass:
    """Admit the current request. Raises InvalidToken or AccessDenied, logged, or ServiceUnavailable."""
    verdict = current_verdict()
    if isinstance(verdict, Refusal):
        audit.record(Event.TOKEN_REFUSED, "failure", reason=verdict.error.reason)
        raise verdict.error
    if verdict.is_api_token:
        check_scope(verdict, scopes.own_host(current_runtime().settings), api_tokens=api_tokens)
    request.environ[ADMITTED] = True
    _check_role(verdict.claims, role)
    return verdict


def check_scope(admitted: Pass, host: str, /, *, api_tokens: bool, **facts: str) -> None:
    """Raise AccessDenied, logged with `facts`, for an API token that is not valid for a page on this host.

    api_tokens: whether the page is open to API tokens at all. All other tokens pass.
    """
    if not admitted.is_api_token:
        return
    if not api_tokens:
        reason, message = "this page is not for API tokens", "API tokens do not open this page."
    elif not scopes.covers(admitted.claims, host, current_runtime().settings):
        reason, message = f"the token is not for {host}", f"This API token is not for the host {host}."
    else:
        return
    audit.record(Event.API_TOKEN_REFUSED, "failure", account=admitted.claims.subject, reason=reason, **facts)
    raise AccessDenied(reason, message, scope_error=message)


def _check_role(claims: Claims, role: str | None) -> None:
    if role is not None and role not in claims.roles:
        audit.record(Event.ROLE_MISSING, "failure", account=claims.subject, reason=role)
        raise AccessDenied(
            f"role {role} is missing",
            f"You need the role “{role}” to see this page.",
            scope_error=f"The role {role} is missing.",
        )


def browser_session_id() -> str | None:
    """The id of the session that this browser is signed in with, if any."""
    found = visitor()
    return found.claims.session_id if found else None
