"""Protect the last administrator. Each function works inside the caller's transaction."""

from sqlalchemy import String, cast, exists, select
from sqlalchemy.orm import Session

from daypass.accounts.errors import LastAdmin, NoSuchAccount
from daypass.database.models import Account
from daypass.database.transactions import ADMINS_LOCK, advisory_lock

ADMIN_ROLE = "admin"


def lock(db: Session) -> None:
    """Prevent other transactions from removing an administrator until this one ends.

    Call it before locking the row of an account, to avoid deadlocks.
    """
    advisory_lock(db, ADMINS_LOCK)


def check_not_last(db: Session, account: Account) -> None:
    """Lock the account's row, and raise LastAdmin if it is the only administrator who can sign in.

    Raises NoSuchAccount if the account has been deleted meanwhile.
    """
    lock(db)
    fresh = db.get(Account, account.id, with_for_update=True, populate_existing=True)
    if fresh is None:
        raise NoSuchAccount("deleted meanwhile")
    if fresh.disabled_at is None and ADMIN_ROLE in fresh.roles and not any_enabled(db, except_id=fresh.id):
        raise LastAdmin("the last administrator")


def any_enabled(db: Session, *, except_id: str | None = None) -> bool:
    """Whether an administrator can sign in, other than the account with the id `except_id`."""
    has_role = cast(Account.roles, String).contains(f'"{ADMIN_ROLE}"')  # role names contain no quotes
    found = select(Account.id).where(Account.disabled_at.is_(None), has_role)
    return bool(db.scalar(select(exists(found if except_id is None else found.where(Account.id != except_id)))))
