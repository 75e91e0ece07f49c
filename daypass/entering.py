"""What every way in has in common: a new session for the current request, and the token that carries it."""

from datetime import UTC, datetime

from flask import request
from sqlalchemy.orm import Session

from daypass import proxies, sessions, tokens
from daypass.extensions import process
from daypass.models import Account
from daypass.passwords import Hasher
from daypass.sessions import Client, Lifetime
from daypass.tokens import Claims


def begin_session(db: Session, account: Account, *, keep: bool = False, replaces: str | None = None) -> Claims:
    """Start a browser's session, inside the caller's transaction; the one it replaces ends.

    keep: "keep me signed in", so that it is renewed for as long as it is used.
    """
    settings = process().settings
    if replaces is not None:
        sessions.end(db, replaces, "signed_in_again")
    kept, plain = (
        Lifetime(settings.idle_lifetime, settings.absolute_lifetime),
        Lifetime(settings.token_lifetime, settings.token_lifetime),
    )
    session = sessions.start(db, account, client=client(), now=datetime.now(UTC), lifetime=kept if keep else plain)
    return sessions.claims_of(session, account, issuer=settings.base_url)


def signed(claims: Claims) -> str:
    """The token that carries these claims."""
    return tokens.encode(claims, process().keys.ring.signing)


def client() -> Client:
    """Who makes the current request."""
    return Client(proxies.client_address(request) or "", request.user_agent.string)


def hasher() -> Hasher:
    """The password hasher, for the address that makes the current request."""
    return process().hasher.for_address(proxies.client_address(request))


def is_kept(claims: Claims) -> bool:
    """Whether the session of these claims is one that is renewed ("keep me signed in")."""
    return (claims.until - claims.auth_time).total_seconds() > process().settings.token_lifetime
