"""The gate: one verdict on a request, and `@token_required`, which acts on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

from flask import Request, g, request
from sqlalchemy.exc import SQLAlchemyError

from daypass import cookies, events, sessions, tokens
from daypass.errors import Fault, InvalidToken, RoleMissing, Unavailable
from daypass.extensions import db, process
from daypass.tokens import Claims, Token

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Pass:
    """A request that may enter: what its token says, and under which header."""

    token: Token

    @property
    def claims(self) -> Claims:
        """Who it is, and until when."""
        return self.token.claims


@dataclass(frozen=True)
class Refusal:
    """A request that may not enter, and why; `from_cookie` where a bad cookie should be cleared."""

    error: InvalidToken
    from_cookie: bool


def verdict(request: Request) -> Pass | Refusal:
    """Whether the request carries a good token: as `Authorization: Bearer` (RFC 6750) if that is there, else as cookie.

    Raises Unavailable where the database would have to be asked and cannot be.
    """
    bearer = _bearer(request)
    text = bearer if bearer is not None else cookies.read(request, process().settings)
    if text is None:
        return Refusal(InvalidToken("no token", Fault.MISSING), from_cookie=False)
    try:
        return Pass(_good_token(text, datetime.now(UTC)))
    except InvalidToken as error:
        return Refusal(error, from_cookie=bearer is None)


def _bearer(request: Request) -> str | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip(" ") if scheme.lower() == "bearer" else None


def _good_token(text: str, now: datetime) -> Token:
    """The token, read in full the first time and from memory afterwards; time and revocation are asked each time."""
    held = process()
    token = held.remembered.get(text)
    if token is None:
        token = _read(text, now)
        held.remembered.put(text, token)
    tokens.check_time(token.claims, now)
    held.revocations.check(token.claims.session_id)
    return token


def _read(text: str, now: datetime) -> Token:
    """The token, held to every rule and to the database's word about its session and account."""
    settings = process().settings
    try:
        token = tokens.decode(
            text,
            ring=process().keys.ring,
            issuer=settings.base_url,
            purpose=tokens.SESSION,
            lifetime=settings.token_lifetime,
            now=now,
        )
        with db.sessionmaker() as session:
            sessions.confirm(session, token.claims)
    except SQLAlchemyError as error:
        raise Unavailable(f"a session cannot be looked up: {type(error).__name__}") from error
    return token


def visitor() -> Pass | None:
    """Who asks, on a page that is open to all: None for nobody, and while the database cannot be asked."""
    if "visitor" not in g:
        try:
            found = verdict(request)
        except Unavailable:
            found = None
        g.visitor = found if isinstance(found, Pass) else None
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
def token_required(view: Callable[P, R]) -> Callable[P, R]: ...
@overload
def token_required(*, role: str) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def token_required(view: Callable[..., Any] | None = None, *, role: str | None = None) -> Any:
    """Let only requests with a good token reach the view: `@token_required`, or `@token_required(role="admin")`.

    Others are answered with 401 "Invalid token", or with 403 where the token is good and the role is missing.
    """
    if view is None:
        return lambda view: _guard(view, role)
    return _guard(view, role)


def _guard(view: Callable[P, R], role: str | None) -> Callable[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        enter(role)
        return view(*args, **kwargs)

    guarded.gated_for = role or "anyone signed in"  # type: ignore[attr-defined]  # what test_routes looks for
    return guarded


def enter(role: str | None = None) -> Pass:
    """Let the current request in, or raise InvalidToken or RoleMissing, logged."""
    found = verdict(request)
    if isinstance(found, Refusal):
        g.visitor, g.clear_cookie = None, found.from_cookie
        events.record("token_refused", "failure", reason=found.error.reason)
        raise found.error
    g.visitor = found
    if role is not None and role not in found.claims.roles:
        events.record("role_missing", "failure", account=found.claims.subject, reason=role)
        raise RoleMissing(role)
    return found
