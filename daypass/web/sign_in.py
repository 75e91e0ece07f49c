"""Browser sessions: start one, set its cookie, clear the cookie."""

from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from daypass.database.models import Account
from daypass.runtime import Runtime
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.definitions import Settings
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.web import cookies
from daypass.web.client import current_client

ResponseT = TypeVar("ResponseT", bound=Response)


def start_session(
    db: Session, account: Account, settings: Settings, *, persistent: bool = False, replaces: str | None = None
) -> Claims:
    """Start a browser session, and end the session that it replaces.

    The caller holds the transaction.

    persistent: "Keep me signed in"; the session is renewed while it is used.
    """
    if replaces is not None:
        lifecycle.end(db, replaces, "signed_in_again")
    token, until = settings.token_lifetime, settings.token_lifetime
    if persistent:
        token, until = settings.idle_lifetime, settings.absolute_lifetime
    session = lifecycle.start(
        db, account, client=current_client(settings), now=datetime.now(UTC), lifetime=Lifetime(token, until)
    )
    return issuing.session_claims(session, account, issuer=settings.issuer)


def is_persistent(claims: Claims, settings: Settings) -> bool:
    """Whether this is a session with "Keep me signed in", which is renewed."""
    return (claims.until - claims.auth_time).total_seconds() > settings.token_lifetime


def sign_token(runtime: Runtime, claims: Claims) -> str:
    """Return a token with these claims, signed with the current key."""
    return codec.encode(claims, runtime.keys.current().signing)


def set_token_cookie(runtime: Runtime, claims: Claims, response: ResponseT) -> ResponseT:
    """Set the cookie, unless the view has set or cleared it."""
    if not cookies.sets_token(response, runtime.settings):
        cookies.set_token(response, runtime.settings, sign_token(runtime, claims), claims)
    return response


def clear_session(response: Response, settings: Settings) -> Response:
    """Clear the cookie, and the browser's cache."""
    cookies.clear_token(response, settings)
    return clear_cache(response, settings)


def clear_cache(response: Response, settings: Settings) -> Response:
    """With a static site, clear the browser's cache, so that Back does not show its pages."""
    if settings.site:
        response.headers["Clear-Site-Data"] = '"cache"'  # W3C Clear Site Data
    return response
