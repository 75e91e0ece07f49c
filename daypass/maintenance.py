"""Daily maintenance by one of all processes: delete old rows, rotate due keys."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.accounts import devices, invitations, requests
from daypass.audit import retention
from daypass.audit.events import Event
from daypass.audit.trail import AuditTrail
from daypass.database.models import database_now
from daypass.database.transactions import in_batches, write_transaction
from daypass.guest_links import links
from daypass.keys import rotation, signing_key
from daypass.mail import outbox
from daypass.runtime import Runtime
from daypass.sessions import lifecycle
from daypass.settings.definitions import Settings
from daypass.throttling import attempts
from daypass.throttling.interval_claims import claim, delete_old_claims
from daypass.tokens.purposes import MAX_LINK_LIFETIME

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHECK_SECONDS = 3600.0

log = logging.getLogger("daypass")


def prune(db: Session) -> int:
    """Delete sessions whose tokens expired long ago, and return their number.

    Uses the database's clock: a node with a wrong clock could delete sessions that are live for all others.
    """
    return in_batches(db, lambda db: lifecycle.prune(db, _database_time(db)))


def run(db: Session) -> int | None:
    """Do today's maintenance unless another process has done it.

    Returns the number of deleted sessions, or None.
    """
    if not claim(db, "prune", DAY):
        return None
    with write_transaction(db):
        rotation.delete_unused(db, max_link_lifetime=timedelta(seconds=MAX_LINK_LIFETIME))
        delete_old_claims(db)
        outbox.delete_old(db)
    for prune_rows in (devices.prune, invitations.prune, requests.prune, links.prune):
        in_batches(db, partial(_prune_by_database_time, prune_rows))
    return prune(db)


def prune_limits(db: Session) -> int | None:
    """Delete the limits on attempts that are unused by now, unless another process has done so within the hour.

    Returns their number, or None.
    """
    return in_batches(db, attempts.prune) if claim(db, "limits", HOUR) else None


def _prune_by_database_time(prune_rows: Callable[[Session, datetime], int], db: Session) -> int:
    return prune_rows(db, _database_time(db))


def _database_time(db: Session) -> datetime:
    return db.scalars(select(database_now())).one()


def prune_events(db: Session, settings: Settings) -> int:
    """Delete audit events that are older than DAYPASS_AUDIT_DAYS, and return their number. Raises BrokenTrail."""
    if not settings.audit_days:
        return 0
    return in_batches(db, lambda db: retention.prune(db, settings.audit_days * DAY, settings.secret_keys))


def rotate_if_due(db: Session, settings: Settings, audit: AuditTrail) -> str | None:
    """Rotate the keys if DAYPASS_KEY_ROTATION_DAYS have passed.

    Returns the id of the new key, or None.
    """
    age = settings.key_rotation_days * DAY
    if not age or not rotation.is_due(db, age):
        return None
    db.rollback()  # generating an RSA key takes a while: hold no transaction meanwhile
    key = signing_key.generate(settings.algorithm)
    with write_transaction(db):
        if not rotation.is_due(db, age):
            return None
        rotation.rotate(db, key, settings.secret_key)
    audit.record(Event.KEYS_ROTATED, "success", key=key.kid, by="itself")
    return key.kid


def start(runtime: Runtime, pause: Callable[[], bool] | None = None) -> threading.Thread:
    """Start a daemon thread that does due maintenance every hour.

    pause: waits until the next time, and returns True to end the thread.
    """
    pause = pause or partial(threading.Event().wait, CHECK_SECONDS)

    def check() -> None:
        while True:
            _check(runtime)
            if pause():
                return

    thread = threading.Thread(target=check, name="maintenance", daemon=True)
    thread.start()
    return thread


def _check(runtime: Runtime) -> None:
    """Do what is due. Every failure is only logged, so that the thread goes on."""
    try:
        with runtime.session_factory() as db:
            if run(db) is not None:
                prune_events(db, runtime.settings)
            prune_limits(db)
            rotate_if_due(db, runtime.settings, runtime.audit)
    except Exception:
        log.exception("maintenance failed; the next attempt is in an hour")
