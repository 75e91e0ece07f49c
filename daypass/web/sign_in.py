"""What every way in has in common: a new session for the current request, and the token that carries it."""

from datetime import UTC, datetime

from flask import request
from sqlalchemy.orm import Session

from daypass.accounts.password_hasher import PasswordHasher
from daypass.database.models import Account
from daypass.runtime import process
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.sessions.lifecycle import Client
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.web import trusted_proxies


def start_session(db: Session, account: Account, *, keep: bool = False, replaces: str | None = None) -> Claims:
    """Start a browser's session, inside the caller's transaction; the one it replaces ends.

    keep: "keep me sign_token in", so that it is renewed for as long as it is used.
    """
    settings = process().settings
    if replaces is not None:
        lifecycle.end(db, replaces, "signed_in_again")
    kept, plain = (
        Lifetime(settings.idle_lifetime, settings.absolute_lifetime),
        Lifetime(settings.token_lifetime, settings.token_lifetime),
    )
    session = lifecycle.start(db, account, client=client(), now=datetime.now(UTC), lifetime=kept if keep else plain)
    return issuing.session_claims(session, account, issuer=settings.base_url)


def sign_token(claims: Claims) -> str:
    """The token that carries these claims."""
    return codec.encode(claims, process().keys.ring.signing)


def client() -> Client:
    """Who makes the current request."""
    return Client(trusted_proxies.client_address(request) or "", request.user_agent.string)


def hasher() -> PasswordHasher:
    """The password hasher, for the address that makes the current request."""
    return process().hasher.for_address(trusted_proxies.client_address(request))


def is_persistent(claims: Claims) -> bool:
    """Whether the session of these claims is one that is renewed ("keep me sign_token in")."""
    return (claims.until - claims.auth_time).total_seconds() > process().settings.token_lifetime
