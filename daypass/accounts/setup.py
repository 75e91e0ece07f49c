"""The state of the set-up, and its current link. Each function works inside the caller's transaction.

The set-up is complete once the first account is created in any way, and stays complete if all accounts are deleted.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from daypass.accounts.errors import SetupComplete
from daypass.database.models import Setup, database_now
from daypass.tokens.errors import InvalidToken


def check_link(db: Session, link_id: str, *, lock: bool = False) -> None:
    """Raise SetupComplete if the set-up is complete, InvalidToken if this is not the current link.

    lock: lock the row, so that the result holds until the transaction ends.
    """
    row = select(Setup.link_id, Setup.done_at)
    state = db.execute(row.with_for_update() if lock else row).one_or_none()
    if state is None or state.done_at is not None:
        raise SetupComplete("set-up is complete")
    if state.link_id != link_id:
        raise InvalidToken("a newer set-up link replaced this one")


def is_done(db: Session) -> bool:
    """Whether the first account has ever been created."""
    return db.scalar(select(Setup.id).where(Setup.done_at.is_(None))) is None


def replace_link(db: Session, link_id: str) -> bool:
    """Make this the only valid link. Returns False and changes nothing once the set-up is complete."""
    return _change(db, link_id=link_id)


def finish(db: Session) -> None:
    """Mark the set-up as complete. Call it before inserting the account, for a consistent lock order."""
    _change(db, link_id=None, done_at=database_now())


def _change(db: Session, **values: object) -> bool:
    pending = update(Setup).where(Setup.done_at.is_(None)).values(**values).returning(Setup.id)
    return db.scalars(pending).one_or_none() is not None
