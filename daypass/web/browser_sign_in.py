"""Sign a browser in, which gets two cookies: its token, and the device by which the account knows it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from daypass.accounts import devices
from daypass.audit.events import Event
from daypass.database.models import Account
from daypass.runtime import Runtime
from daypass.settings.definitions import Settings
from daypass.tokens.claims import Claims
from daypass.web import audit
from daypass.web.device_cookie import presented_device, set_device_cookie
from daypass.web.sign_in import set_token_cookie, start_session
from daypass.web.verdict import visitor


@dataclass(frozen=True)
class Browser:
    """What a browser presents when somebody signs in: the session that ends then, and the device, by their ids."""

    session_id: str | None
    device_id: str | None


@dataclass(frozen=True)
class SignedIn:
    """A new session of a browser, by its claims, and the device by which the account knows the browser from now on."""

    claims: Claims
    device_id: str


def current_browser(runtime: Runtime) -> Browser:
    """The browser of the current request. Call it outside of write transactions."""
    own = visitor(runtime, request.environ)
    return Browser(own.claims.session_id if own else None, presented_device(runtime))


def sign_in_browser(
    db: Session, account: Account, settings: Settings, browser: Browser, event: Event, *, persistent: bool = False
) -> SignedIn:
    """Start a session of a browser, let the account know the browser, and record the event.

    The caller holds the transaction.
    """
    claims = start_session(db, account, settings, persistent=persistent, replaces=browser.session_id)
    device_id = devices.remember(db, account.id, browser.device_id, datetime.now(UTC))
    audit.record_with(db, event, account=claims.subject, session=claims.session_id)
    return SignedIn(claims, device_id)


def signed_in_response(runtime: Runtime, signed_in: SignedIn, target: str) -> Response:
    """Redirect the browser with its new cookies."""
    claims = signed_in.claims
    response = set_token_cookie(runtime, claims, redirect(target, 303))
    set_device_cookie(runtime, response, claims.subject, signed_in.device_id)
    return response
