"""Housekeeping: once a day, by one process of all, old sessions are deleted."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass import sessions
from daypass.database import writing
from daypass.models import Chore, database_now

DAY = timedelta(days=1)
LOOK_EVERY = 3600.0  # seconds

log = logging.getLogger("daypass")


def prune(db: Session) -> int:
    """Delete the sessions whose tokens are long dead, in small batches, each a short transaction; returns how many."""
    deleted = 0
    while True:
        with writing(db):
            batch = sessions.prune(db, datetime.now(UTC))
        deleted += batch
        if batch < sessions.BATCH:
            return deleted


def claim(db: Session, name: str, every: timedelta) -> bool:
    """Whether this process is the one to do the chore now: of all that ask within the time, one is told yes."""
    try:
        with writing(db):
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
    return prune(db) if claim(db, "prune", DAY) else None


def start(sessionmaker: sessionmaker[Session], pause: Callable[[], bool] | None = None) -> threading.Thread:
    """Look every hour, in a thread of this process that ends with it, or once `pause` returns True."""
    pause = pause or partial(threading.Event().wait, LOOK_EVERY)

    def look() -> None:
        while True:
            try:
                with sessionmaker() as db:
                    run(db)
            except SQLAlchemyError:
                log.warning("housekeeping failed; it is tried again tomorrow", exc_info=True)
            if pause():
                return

    thread = threading.Thread(target=look, name="housekeeping", daemon=True)
    thread.start()
    return thread
