"""Renew a due token after a gated view."""

import logging
from datetime import datetime, timedelta

from flask import Response, request
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


def is_due(claims: Claims, settings: Settings, now: datetime) -> bool:
    """Whether a persistent session got its last token at least a day ago."""
    if claims.expires_at >= claims.until:
        return False
    due_at = claims.issued_at + timedelta(seconds=settings.token_lifetime)
    return due_at <= now < claims.until


def renew(runtime: Runtime, claims: Claims, response: Response, now: datetime) -> None:
    """Set a renewed token on the response, unless the view has set or cleared the cookie.

    Only one of several parallel requests renews it.
    """
    if cookies.sets_token(response, runtime.settings) or not runtime.renewals.claim(claims.session_id, now):
        return
    renewed = _renew(current_db(), claims, runtime.settings, now)
    if renewed is not None:
        audit.record(Event.RENEWAL, "success", account=claims.subject, session=claims.session_id)
        set_token_cookie(runtime, renewed, response)


def _renew(db: Session, claims: Claims, settings: Settings, now: datetime) -> Claims | None:
    """Renew the session, and return the claims of its next token.

    Returns None if the session has ended, or the database fails.
    """
    try:
        with write_transaction(db):
            return lifecycle.renew(db, claims, now=now, idle=settings.idle_lifetime)
    except SQLAlchemyError:
        log.warning("request %s: the session could not be renewed", request_id(request.environ), exc_info=True)
        return None
