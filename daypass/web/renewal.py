"""After a gated view: renew a due token, record the session's last activity."""

import logging
from datetime import UTC, datetime, timedelta

from flask import Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from daypass.sessions import lifecycle
from daypass.settings.definitions import Settings
from daypass.tokens.claims import Claims
from daypass.web import audit, cookies
from daypass.web.context import current_db
from daypass.web.request_id import request_id
from daypass.web.sign_in import set_token_cookie

log = logging.getLogger("daypass")


def renew_if_due(runtime: Runtime, claims: Claims, response: Response) -> None:
    """Set a renewed token on the response if due.

    Only one of several parallel requests renews it.
    """
    now = datetime.now(UTC)
    if cookies.sets_token(response, runtime.settings) or not _is_due(claims, runtime.settings, now):
        return
    if not runtime.renewals.claim(claims.session_id, now):
        return
    renewed = _renew(current_db(), claims, runtime.settings, now)
    if renewed is not None:
        audit.record(Event.RENEWAL, "success", account=claims.subject, session=claims.session_id)
        set_token_cookie(runtime, renewed, response)


def record_activity(runtime: Runtime, claims: Claims) -> None:
    """Record the session's last activity, at most every five minutes.

    A failure is only logged.
    """
    now = datetime.now(UTC)
    if not runtime.activity.claim(claims.session_id, now, since=claims.issued_at):
        return
    db = current_db()
    try:
        with write_transaction(db):
            lifecycle.record_activity(db, claims.session_id, now)
    except SQLAlchemyError:
        log.warning("request %s: the last activity could not be recorded", request_id(), exc_info=True)


def _is_due(claims: Claims, settings: Settings, now: datetime) -> bool:
    """Whether a persistent session got its last token at least a day ago."""
    due_at = claims.issued_at + timedelta(seconds=settings.token_lifetime)
    return due_at <= now < claims.until and claims.expires_at < claims.until


def _renew(db: Session, claims: Claims, settings: Settings, now: datetime) -> Claims | None:
    """Renew the session, and return the claims of its next token.

    Returns None if the session has ended, or the database fails.
    """
    try:
        with write_transaction(db):
            return lifecycle.renew(db, claims, now=now, idle=settings.idle_lifetime)
    except SQLAlchemyError:
        log.warning("request %s: the session could not be renewed", request_id(), exc_info=True)
        return None
