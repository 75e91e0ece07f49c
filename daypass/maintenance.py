"""Maintenance, once a day by one process of all: old rows are deleted, and keys rotated if that is due."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.audit import log as audit_log
from daypass.audit.events import Event
from daypass.database.models import database_now
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.runtime import Runtime
from daypass.sessions import lifecycle
from daypass.settings.definitions import Settings
from daypass.throttling.interval_claims import claim, delete_old_claims
from daypass.tokens.purposes import SETUP_LIFETIME

DAY = timedelta(days=1)
CHECK_SECONDS = 3600.0

log = logging.getLogger("daypass")


def prune(db: Session) -> int:
    """Delete the sessions whose tokens expired long ago, in batches of one short transaction; returns how many.

    The database's clock counts: a wrong clock of one node could delete sessions that are live for all others.
    """
    deleted = 0
    while True:
        with write_transaction(db):
            batch = lifecycle.prune(db, db.scalars(select(database_now())).one())
        deleted += batch
        if batch < lifecycle.BATCH:
            return deleted


def run(db: Session) -> int | None:
    """Do today's maintenance unless another process has done it; returns how many sessions were deleted."""
    if not claim(db, "prune", DAY):
        return None
    with write_transaction(db):
        rotation.delete_unused(db, max_link_lifetime=timedelta(seconds=SETUP_LIFETIME))
        delete_old_claims(db)
    return prune(db)


def rotate_if_due(db: Session, settings: Settings) -> str | None:
    """Rotate the keys if DAYPASS_KEY_ROTATION_DAYS have passed; returns the id of the new key."""
    age = settings.key_rotation_days * DAY
    if not age or not rotation.is_due(db, age):
        return None
    db.rollback()  # no transaction while an RSA key is generated, which takes a while
    key = signing_key.generate(settings.algorithm)
    with write_transaction(db):
        if not rotation.is_due(db, age):
            return None
        rotation.rotate(db, key, settings.secret_key)
    audit_log.record(Event.KEYS_ROTATED, "success", key=key.kid, by="itself")
    return key.kid


def start(runtime: Runtime, pause: Callable[[], bool] | None = None) -> threading.Thread:
    """Check every hour, in a thread that ends with this process, or once `pause` returns True."""
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
    """A failure is logged, whatever it is: the thread has to go on."""
    try:
        with runtime.session_factory() as db:
            run(db)
            rotate_if_due(db, runtime.settings)
    except Exception:
        log.exception("maintenance failed; it is tried again in an hour")
