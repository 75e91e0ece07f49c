"""What every way in has in common: a new session, its token, and the answer that carries it."""

from datetime import UTC, datetime

from flask import Response, redirect, request
from sqlalchemy.orm import Session

from daypass import cookies, events, gate, sessions, tokens
from daypass.extensions import process
from daypass.models import Account
from daypass.sessions import Client
from daypass.tokens import Claims
from daypass.urls import HOME, safe_path

DOORS = ("/login", "/logout", "/signup", "/setup")  # no page to come back to


def begin_session(db: Session, account: Account, *, replaces: str | None = None) -> Claims:
    """Start a session for the current request, inside the caller's transaction; the one it replaces ends."""
    settings = process().settings
    if replaces is not None:
        sessions.end(db, replaces, "signed_in_again")
    session = sessions.start(db, account, client=_client(), now=datetime.now(UTC), lifetime=settings.token_lifetime)
    return sessions.claims_of(session, account, issuer=settings.base_url)


def signed(claims: Claims) -> str:
    """The token that carries these claims."""
    return tokens.encode(claims, process().keys.ring.signing)


def held_session() -> str | None:
    """The id of the session that this browser holds already, if any."""
    held = gate.visitor()
    return held.claims.session_id if held else None


def enter(claims: Claims, target: str, event: str) -> Response:
    """Send a browser on with its new cookie, and log how it came in."""
    events.record(event, "success", account=claims.subject, session=claims.session_id)
    response = redirect(target, 303)
    cookies.put(response, process().settings, signed(claims), claims)  # type: ignore[arg-type]
    return response  # type: ignore[return-value]


def way_back(target: str | None) -> str:
    """The page to go to after signing in: the one asked for, if it is on this site and not a door itself."""
    path = safe_path(target)
    return HOME if path.partition("?")[0] in DOORS else path


def _client() -> Client:
    return Client(request.remote_addr or "", request.user_agent.string)
