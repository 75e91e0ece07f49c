"""`@token_required`, and the pass of the current request."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar, overload

from flask import Response, after_this_request, current_app, make_response

from daypass.gate import Pass, Refusal
from daypass.tokens.claims import Claims, Token
from daypass.web import reauthentication, renewal, resent_request
from daypass.web.context import current_db, current_runtime
from daypass.web.sign_in import set_token_cookie
from daypass.web.verdict import admit, check_role, current_verdict, replace_verdict

P = ParamSpec("P")
R = TypeVar("R")


def current_pass() -> Pass:
    """The pass of the current request. Only for views with `@token_required`."""
    verdict = current_verdict()
    if isinstance(verdict, Refusal):
        raise verdict.error
    return verdict


def current_claims() -> Claims:
    """The claims of the current pass. Only for views with `@token_required`."""
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
    """Admit only requests with a valid token.

    Use it as `@token_required`, or with arguments: `@token_required(role="admin")`.

    Other requests get 401 "Invalid token", or 403 if the token is valid but the role is missing.

    fresh: the longest time, in seconds, since the visitor entered the password. After that, a page asks for the
    password and then repeats the request. api_tokens: admit API tokens too, if they are valid for Daypass's own host.
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

    guarded.required_role = role or "anyone signed in"  # type: ignore[attr-defined]  # read by tests of the routes
    guarded.api_tokens = api_tokens  # type: ignore[attr-defined]  # read by tests of the routes
    return guarded


def _reauthenticate(admitted: Pass, max_age: int, role: str | None) -> Claims | None:
    """Start a new session if the password was entered too long ago.

    Returns the claims of the new session, or None.
    """
    runtime = current_runtime()
    claims = reauthentication.confirm(runtime, current_db(), admitted.claims, max_age, from_form=admitted.from_cookie)
    if claims is not None:
        replace_verdict(Pass(Token(claims, admitted.token.header), from_cookie=True))
        after_this_request(partial(set_token_cookie, runtime, claims))  # on error responses too
        check_role(claims, role)
        resent_request.restore(runtime.settings, claims.subject)
    return claims
