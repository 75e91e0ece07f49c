"""Housekeeping, by one process of all: old sessions and spent keys are deleted, and keys rotated where that is set."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.models import Chore, database_now
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.sessions import lifecycle
from daypass.settings.definitions import Settings
from daypass.web import audit

DAY = timedelta(days=1)
LOOK_EVERY = 3600.0  # seconds

log = logging.getLogger("daypass")


def prune(db: Session) -> int:
    """Delete the sessions whose tokens are long dead, in small batches, each a short transaction; returns how many.

    By the database's clock: that of one node could be wrong, and delete sessions that are live for all the others.
    """
    deleted = 0
    while True:
        with write_transaction(db):
            batch = lifecycle.prune(db, db.scalars(select(database_now())).one())
        deleted += batch
        if batch < lifecycle.BATCH:
            return deleted


def claim(db: Session, name: str, every: timedelta) -> bool:
    """Whether this process is the one to do the chore now: of all that ask within the time, one is told yes."""
    try:
        with write_transaction(db):
            return _claim(db, name, every)
    except IntegrityError:
        return False


def _claim(db: Session, name: str, every: timedelta) -> bool:
    now = db.scalars(select(database_now())).one()
    chore = db.get(Chore, name, with_for_update=True)
    if chore is None:
        db.add(Chore(name=name, done_at=now))
        return True
    if now - chore.done_at < every:
        return False
    chore.done_at = now
    return True


def run(db: Session) -> int | None:
    """Do today's housekeeping unless another process has done it; returns how many sessions were deleted."""
    if not claim(db, "prune", DAY):
        return None
    with write_transaction(db):
        rotation.delete_unused(db)
        _forget_claims(db)
    return prune(db)


def _forget_claims(db: Session) -> None:
    """Delete the claims of a day ago, such as that somebody had a key made; all are asked for more often than that."""
    now = db.scalars(select(database_now())).one()
    db.execute(delete(Chore).where(Chore.done_at < now - DAY))


def rotate_if_due(db: Session, settings: Settings) -> str | None:
    """Rotate the keys if that is set and the time has come; returns the id of the new key."""
    age = settings.key_rotation_days * DAY
    if not age or not rotation.is_due(db, age):
        return None
    db.rollback()  # no transaction while a pair for RSA is made, which takes its time
    key = signing_key.generate(settings.algorithm)
    with write_transaction(db):
        if not rotation.is_due(db, age):
            return None
        rotation.rotate(db, key, settings.secret_key)
    audit.record("keys_rotated", "success", key=key.kid, by="itself")
    return key.kid


def start(
    sessionmaker: sessionmaker[Session], settings: Settings, pause: Callable[[], bool] | None = None
) -> threading.Thread:
    """Look every hour, in a thread of this process that ends with it, or once `pause` returns True."""
    pause = pause or partial(threading.Event().wait, LOOK_EVERY)

    def look() -> None:
        while True:
            try:
                with sessionmaker() as db:
                    run(db)
                    rotate_if_due(db, settings)
            except SQLAlchemyError:
                log.warning("housekeeping failed; it is tried again", exc_info=True)
            if pause():
                return

    thread = threading.Thread(target=look, name="housekeeping", daemon=True)
    thread.start()
    return thread
