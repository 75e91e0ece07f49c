"""The state of the set-up, and its current link. Each function works inside the caller's transaction.

The set-up is complete once the first account is created in any way, and stays complete if all accounts are deleted.
"""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from daypass.accounts.errors import InvalidSetupLink, SetupComplete
from daypass.database.models import Setup, database_now
from daypass.tokens.link_codes import digest

LINK_LIFETIME = timedelta(hours=1)


def check_link(db: Session, code: str, now: datetime, *, lock: bool = False) -> None:
    """Raise SetupComplete if the set-up is complete, InvalidSetupLink if this is not the code of the current link.

    lock: lock the row, so that the result holds until the transaction ends.
    """
    row = select(Setup.code_digest, Setup.code_expires_at, Setup.done_at)
    state = db.execute(row.with_for_update() if lock else row).one_or_none()
    if state is None or state.done_at is not None:
        raise SetupComplete("set-up is complete")
    if not hmac.compare_digest(state.code_digest or b"", digest(code)):
        raise InvalidSetupLink("not the current set-up link")
    if state.code_expires_at <= now:
        raise InvalidSetupLink("the set-up link has expired")


def is_done(db: Session) -> bool:
    """Whether the first account has ever been created."""
    return db.scalar(select(Setup.id).where(Setup.done_at.is_(None))) is None


def replace_link(db: Session, code: str, now: datetime) -> bool:
    """Make the link with this code the only valid one, for an hour from `now`. Only its digest is stored.

    Returns False and changes nothing once the set-up is complete.
    """
    return _change(db, link_id=None, code_digest=digest(code), code_expires_at=now + LINK_LIFETIME)


def finish(db: Session) -> None:
    """Mark the set-up as complete. Call it before inserting the account, for a consistent lock order."""
    _change(db, link_id=None, code_digest=None, code_expires_at=None, done_at=database_now())


def _change(db: Session, **values: object) -> bool:
    pending = update(Setup).where(Setup.done_at.is_(None)).values(**values).returning(Setup.id)
    return db.scalars(pending).one_or_none() is not None
