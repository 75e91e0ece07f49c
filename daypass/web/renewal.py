"""What follows a page that was let through: a new token when one is due, and a note that the session was used."""

import logging
from datetime import UTC, datetime, timedelta

from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from daypass.database.transactions import write_transaction
from daypass.runtime import db, process
from daypass.sessions import lifecycle
from daypass.tokens.claims import Claims
from daypass.web import audit, cookies, sign_in

log = logging.getLogger("daypass")


def set_token_cookie(claims: Claims, response: Response) -> Response:
    """Give the browser the token of these claims; a cookie that the view itself has set or cleared is left alone."""
    if not cookies.is_in(response, process().settings):
        cookies.put(response, process().settings, sign_in.sign_token(claims), claims)
    return response


def renew_if_due(claims: Claims, response: Response) -> None:
    """Give the browser a renewed token, if one is due."""
    if not cookies.is_in(response, process().settings) and (due := renewed(claims, datetime.now(UTC))):
        set_token_cookie(due, response)


def renewed(claims: Claims, now: datetime) -> Claims | None:
    """Claims of the next token, once a day has passed since the last; None where none is due or the session ended."""
    settings = process().settings
    due = claims.issued_at + timedelta(seconds=settings.token_lifetime)
    if not due <= now < claims.until or claims.expires_at >= claims.until:
        return None
    try:
        with write_transaction(db.session):
            renewed = lifecycle.renew(db.session, claims, now=now, idle=settings.idle_lifetime)
    except SQLAlchemyError:
        log.warning("request %s: a session could not be renewed", audit.request_id(), exc_info=True)
        return None
    if renewed is not None:
        audit.record("renewal", "success", account=claims.subject, session=claims.session_id)
    return renewed


def record_activity(claims: Claims) -> None:
    """Write when the session was last seen, at most once in five minutes; that it fails is no reason to refuse."""
    now = datetime.now(UTC)
    if not process().seen.is_due(claims.session_id, claims.issued_at, now):
        return
    try:
        with write_transaction(db.session):
            lifecycle.record_activity(db.session, claims.session_id, now)
    except SQLAlchemyError:
        log.warning("request %s: last seen could not be written", audit.request_id(), exc_info=True)
