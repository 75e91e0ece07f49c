"""Whether set-up is done, and which set-up link is live. Works inside the caller's transaction.

Set-up is done once the first account is created, by whatever way, and stays done when all accounts are deleted.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from daypass.accounts.errors import SetupComplete
from daypass.database.models import Setup, database_now
from daypass.tokens.errors import InvalidToken


def check_link(db: Session, link_id: str, *, lock: bool = False) -> None:
    """Raise SetupComplete if set-up is done, InvalidToken if this is not the live link.

    lock: keep both answers true until the transaction ends.
    """
    row = select(Setup.link_id, Setup.done_at)
    found = db.execute(row.with_for_update() if lock else row).one_or_none()
    if found is None or found.done_at is not None:
        raise SetupComplete("set-up is done")
    if found.link_id != link_id:
        raise InvalidToken("a newer set-up link replaced this one")


def is_done(db: Session) -> bool:
    """Whether the first account was ever created."""
    return db.scalar(select(Setup.id).where(Setup.done_at.is_(None))) is None


def replace_link(db: Session, link_id: str) -> bool:
    """Make this the live link, and the only one; False, and nothing changes, once set-up is done."""
    return _change(db, link_id=link_id)


def finish(db: Session) -> None:
    """Mark set-up as done for good. Call it before the account is inserted, so that all lock in the same order."""
    _change(db, link_id=None, done_at=database_now())


def _change(db: Session, **values: object) -> bool:
    pending = update(Setup).where(Setup.done_at.is_(None)).values(**values).returning(Setup.id)
    return db.scalars(pending).one_or_none() is not None
