"""The gate: one verdict on a request, and `@token_required`, which acts on it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar, overload

from flask import Request, Response, after_this_request, g, make_response, request
from sqlalchemy.exc import SQLAlchemyError

from daypass.errors import ServiceUnavailable
from daypass.keys.ring import KeyRing
from daypass.runtime import Runtime, db, process
from daypass.sessions import issuing, scopes
from daypass.settings.definitions import YEAR, Settings
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims
from daypass.tokens.codec import Token
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import audit, cookies, reauthentication, renewal
from daypass.web.request_errors import InsufficientScope, RoleMissing

P = ParamSpec("P")
R = TypeVar("R")
OUT_OF_SCOPE = "This API token is not for the host {}."


@dataclass(frozen=True)
class Pass:
    """A request that may enter: what its token says, under which header, and whether it came as a cookie."""

    token: Token
    from_cookie: bool

    @property
    def claims(self) -> Claims:
        """Who it is, and until when."""
        return self.token.claims

    @property
    def is_program(self) -> bool:
        """Whether the token is an API token, which opens only what is open to programs."""
        return self.claims.purpose == purposes.API


@dataclass(frozen=True)
class Refusal:
    """A request that may not enter, and why; `from_cookie` where a bad cookie should be cleared."""

    error: InvalidToken
    from_cookie: bool


def verdict(request: Request, held: Runtime | None = None) -> Pass | Refusal:
    """Whether the request carries a good token: as `Authorization: Bearer` (RFC 6750) if that is there, else as cookie.

    held: what the gate goes by; the lab has a gate with keys of its own. Raises Unavailable where the database would
    have to be asked and cannot be.
    """
    held = held or process()
    bearer = _bearer(request)
    text = bearer if bearer is not None else cookies.read(request, held.settings)
    if text is None:
        return Refusal(InvalidToken("no token", TokenFault.MISSING), from_cookie=False)
    try:
        token = good_token(text, held, datetime.now(UTC))
        if token.claims.purpose == purposes.API and bearer is None:
            raise InvalidToken("an API token as cookie")
        return Pass(token, from_cookie=bearer is None)
    except InvalidToken as error:
        return Refusal(error, from_cookie=bearer is None)


def _bearer(request: Request) -> str | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip(" ") if scheme.lower() == "bearer" else None


def good_token(text: str, held: Runtime, now: datetime) -> Token:
    """The token, read in full the first time and from memory afterwards; time and revocation are asked each time."""
    ring = held.keys.ring
    token = held.remembered.get(text, ring)
    if token is None:
        token = _read(text, ring, held, now)
    codec.check_time(token.claims, now)
    held.revocations.check(token.claims.session_id)
    return token


def _read(text: str, ring: KeyRing, held: Runtime, now: datetime) -> Token:
    """The token, held to every rule and to the database's word about its session and account.

    While that word cannot be had, revocation's grace decides, and the token is read again the next time.
    """
    settings, asked_at = held.settings, time.monotonic()
    token = codec.decode(text, ring=ring, issuer=settings.base_url, purposes=_purposes(settings), now=now)
    try:
        with db.sessionmaker() as session:
            issuing.confirm(session, token.claims)
    except SQLAlchemyError:
        return token
    held.remembered.put(text, token, ring, asked_at)
    return token


def _purposes(settings: Settings) -> dict[str, int]:
    """What a token may be for at the gate, and the longest that each kind may have been made for, in seconds."""
    return {purposes.SESSION: max(settings.token_lifetime, settings.idle_lifetime), purposes.API: YEAR}


def visitor() -> Pass | None:
    """Who asks, on a page that is open to all: None for nobody, and while the database cannot be asked.

    An API token counts as nobody there.
    """
    if "visitor" not in g:
        try:
            found = verdict(request)
        except ServiceUnavailable:
            found = None
        g.visitor = found if isinstance(found, Pass) and not found.is_program else None
    entered: Pass | None = g.visitor
    return entered


def entered() -> Pass:
    """The pass that opened a gated page. To be called below `@token_required` only."""
    found: Pass = g.visitor
    return found


def holder() -> Claims:
    """Who entered a gated page. To be called below `@token_required` only."""
    return entered().claims


@overload
def token_required(view: Callable[P, R]) -> Callable[P, Response]: ...
@overload
def token_required(
    *, role: str | None = None, fresh: int | None = None, programs: bool = False
) -> Callable[[Callable[P, R]], Callable[P, Response]]: ...
def token_required(
    view: Callable[..., Any] | None = None,
    *,
    role: str | None = None,
    fresh: int | None = None,
    programs: bool = False,
) -> Any:
    """Let only requests with a good token reach the view: `@token_required`, or `@token_required(role="admin")`.

    Others are answered with 401 "Invalid token", or with 403 where the token is good and the role is missing. With
    `fresh`, the password must have been typed at most so many seconds ago; a page that asks for it comes in between and
    sends the same form again, so it is for views that take a POST.

    API tokens get 403, unless `programs` is True and the token's scope includes Daypass's own host.
    """
    if view is None:
        return lambda view: _guard(view, role, fresh, programs)
    return _guard(view, role, fresh, programs)


def _guard(view: Callable[P, Any], role: str | None, max_age: int | None, programs: bool) -> Callable[P, Response]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        found = enter(role, programs=programs)
        claims = (
            None if max_age is None else reauthentication.confirmed(found.claims, max_age, by_form=found.from_cookie)
        )
        if claims is not None:
            found = g.visitor = Pass(Token(claims, found.token.header), from_cookie=True)
            after_this_request(partial(renewal.set_token_cookie, claims))  # an error's answer carries the new token too
            _check_role(found, role)
        response = make_response(view(*args, **kwargs))
        if found.from_cookie and claims is None:
            renewal.renew_if_due(found.claims, response)
        renewal.record_activity(found.claims)
        return response

    guarded.gated_for = role or "anyone signed in"  # type: ignore[attr-defined]  # what test_routes looks for
    guarded.programs = programs  # type: ignore[attr-defined]  # the same
    return guarded


def enter(role: str | None = None, *, programs: bool = False) -> Pass:
    """Let the current request in, or raise InvalidToken, InsufficientScope or RoleMissing, logged."""
    found = verdict(request)
    if isinstance(found, Refusal):
        g.visitor, g.clear_cookie = None, found.from_cookie
        audit.record("token_refused", "failure", reason=found.error.reason)
        raise found.error
    if found.is_program:
        check_scope(found, scopes.own_host(process().settings), programs=programs)
    g.visitor = found
    _check_role(found, role)
    return found


def check_scope(found: Pass, host: str, /, *, programs: bool, **facts: str) -> None:
    """Raise InsufficientScope, logged with `facts`, for an API token that does not open a page on this host.

    programs: whether the page is open to API tokens at all. All other tokens pass.
    """
    if not found.is_program:
        return
    if not programs:
        reason, error = "this page is not for API tokens", InsufficientScope()
    elif not scopes.covers(found.claims, host, process().settings):
        reason, error = f"the token is not for {host}", InsufficientScope(sentence=OUT_OF_SCOPE.format(host))
    else:
        return
    g.visitor = None
    audit.record("api_token_refused", "failure", account=found.claims.subject, reason=reason, **facts)
    raise error


def _check_role(found: Pass, role: str | None) -> None:
    if role is not None and role not in found.claims.roles:
        audit.record("role_missing", "failure", account=found.claims.subject, reason=role)
        raise RoleMissing(role)
