"""`@token_required`, and the pass of the current request."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from flask import Response, after_this_request, current_app, make_response, request

from daypass.errors import DaypassError
from daypass.gate import Pass
from daypass.runtime import GateRuntime, Runtime
from daypass.tokens.claims import Claims, Token
from daypass.web import reauthentication, renewal, resent_request
from daypass.web.context import current_db, current_gate, error_response
from daypass.web.csrf import refuse_cross_site
from daypass.web.current_pass import current_claims as current_claims
from daypass.web.current_pass import current_pass as current_pass
from daypass.web.reauthentication import Act
from daypass.web.security_headers import GATED_RESPONSE
from daypass.web.sign_in import set_token_cookie
from daypass.web.verdict import ANYONE, admit, check_role, replace_verdict

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

P = ParamSpec("P")
R = TypeVar("R")


@overload
def token_required(view: Callable[P, Awaitable[R]]) -> Callable[P, R | Response]: ...
@overload
def token_required(view: Callable[P, R]) -> Callable[P, R | Response]: ...
@overload
def token_required(
    *, role: str | None = None, fresh: int | None = None, act: Act = "continue", api_tokens: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R | Response]]: ...
def token_required(
    view: Callable[..., Any] | None = None,
    *,
    role: str | None = None,
    fresh: int | None = None,
    act: Act = "continue",
    api_tokens: bool = False,
) -> Any:
    """Admit only requests with a valid token.

    Use it as `@token_required`, or with arguments: `@token_required(role="admin")`.

    Other requests get 401 "Invalid token", or 403 if the token is valid but the role is missing.

    fresh: the longest time, in seconds, since the visitor entered the password. After that, a page asks for the
    password and then repeats the request. act: what the view does, so that this page can say "Enter your password to
    {act}."; or a function that says it for the arguments of the view. api_tokens: admit API tokens too, if they are
    valid for Daypass's own host.
    """
    if view is not None and not callable(view):
        raise TypeError(f"Write @token_required(role={view!r}): the arguments of token_required have names.")
    if view is None:
        return lambda view: _guard(view, role, fresh, act, api_tokens)
    return _guard(view, role, fresh, act, api_tokens)


def _guard(
    view: Callable[P, Any], role: str | None, max_age: int | None, act: Act, api_tokens: bool
) -> Callable[P, Any]:
    run = _synchronous(view) if iscoroutinefunction(view) else view

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        runtime, environ = current_gate(), request.environ
        environ[GATED_RESPONSE] = True
        words = act if isinstance(act, str) else partial(act, *args, **kwargs)
        try:
            admitted = admit(runtime, environ, role, api_tokens=api_tokens)
            if admitted.from_cookie:
                refuse_cross_site(environ)
            fresh = None if max_age is None else _reauthenticate(runtime, environ, admitted, max_age, words, role)
        except DaypassError as error:
            return error_response(error)  # not raised, because the app may have handlers for all errors
        result = run(*args, **kwargs)
        return _note_use(runtime, admitted, fresh, result) if isinstance(runtime, Runtime) else result

    guarded.required_role = role or ANYONE  # type: ignore[attr-defined]  # read by the home page
    guarded.api_tokens = api_tokens  # type: ignore[attr-defined]  # read by tests of the routes
    return guarded


def _note_use(runtime: Runtime, admitted: Pass, fresh: Claims | None, result: Any) -> Any:
    """Note that the session was used, and renew its token if that is due. Returns the result of the view."""
    now = datetime.now(UTC)
    if admitted.from_cookie and fresh is None and renewal.is_due(admitted.claims, runtime.settings, now):
        result = make_response(result)
        renewal.renew(runtime, admitted.claims, result, now)
    runtime.activity.note(fresh or admitted.claims, now)
    return result


def _synchronous(view: Callable[P, Any]) -> Callable[P, Any]:
    """An `async` view as a function, by the means of the current app."""

    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        return current_app.ensure_sync(view)(*args, **kwargs)

    return run


def _reauthenticate(
    runtime: GateRuntime, environ: "WSGIEnvironment", admitted: Pass, max_age: int, act: Act, role: str | None
) -> Claims | None:
    """Start a new session if the password was entered too long ago.

    Returns the claims of the new session, or None. Raises ReauthenticationRequired.
    """
    if not isinstance(runtime, Runtime):
        reauthentication.check_fresh(admitted.claims, max_age, act)
        return None
    claims = reauthentication.confirm(
        runtime, current_db(), admitted.claims, max_age, act, from_form=admitted.from_cookie
    )
    if claims is not None:
        replace_verdict(environ, Pass(Token(claims, admitted.token.header), from_cookie=True))
        after_this_request(partial(set_token_cookie, runtime, claims))  # on error responses too
        check_role(runtime, environ, claims, role)
        resent_request.restore(runtime.settings, claims.subject)
    return claims
