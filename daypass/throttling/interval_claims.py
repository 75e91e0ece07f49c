"""Work that only one process does, at most once per interval."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from daypass.database.models import Chore, database_now
from daypass.database.transactions import write_transaction

MAX_INTERVAL = timedelta(days=1)


def claim(db: Session, name: str, interval: timedelta) -> bool:
    """Claim this work; False if any process has claimed it within the interval.

    name: at most 32 characters. interval: at most MAX_INTERVAL.
    """
    try:
        with write_transaction(db):
            return _claim(db, name, interval)
    except IntegrityError:
        return False


def delete_old_claims(db: Session) -> None:
    """Delete claims older than any interval, inside the caller's transaction."""
    now = db.scalars(select(database_now())).one()
    db.execute(delete(Chore).where(Chore.done_at < now - MAX_INTERVAL))


def _claim(db: Session, name: str, interval: timedelta) -> bool:
    now = db.scalars(select(database_now())).one()
    last = db.get(Chore, name, with_for_update=True)
    if last is None:
        db.add(Chore(name=name, done_at=now))
        return True
    if now - last.done_at < interval:
        return False
    last.done_at = now
    return True
