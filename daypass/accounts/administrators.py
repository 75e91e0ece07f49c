"""Protect the last administrator. Each function works inside the caller's transaction.

A permanent administrator can sign in now and for good: the account has the role, a password and no end date, and is not
disabled. One of them always remains.
"""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from daypass.accounts.errors import LastAdmin, NoSuchAccount
from daypass.accounts.status import UNSET_PASSWORD, has_password
from daypass.database.models import Account, ListedAccount
from daypass.database.transactions import ADMINS_LOCK, advisory_lock

ADMIN_ROLE = "admin"
PERMANENT = (
    select(Account.id)
    .join(ListedAccount, ListedAccount.account_id == Account.id)
    .where(ListedAccount.list == f"role:{ADMIN_ROLE}")
    .where(Account.disabled_at.is_(None), Account.ends_at.is_(None), Account.password_hash != UNSET_PASSWORD)
)


def with_address(db: Session) -> Sequence[Account]:
    """The permanent administrators with a confirmed address."""
    return db.scalars(select(Account).where(Account.id.in_(PERMANENT), Account.email.is_not(None))).all()


def lock(db: Session) -> None:
    """Prevent other transactions from removing an administrator until this one ends.

    Call it before locking the row of an account, to avoid deadlocks.
    """
    advisory_lock(db, ADMINS_LOCK)


def locked_account(db: Session, account: Account) -> Account:
    """Lock what `lock` does, then the account's row, and read it again. Raises NoSuchAccount if it was deleted."""
    lock(db)
    fresh = db.get(Account, account.id, with_for_update=True, populate_existing=True)
    if fresh is None:
        raise NoSuchAccount("deleted meanwhile")
    return fresh


def check_not_last(db: Session, account: Account) -> None:
    """Lock the account's row, and raise LastAdmin if it is the only permanent administrator.

    Raises NoSuchAccount if the account has been deleted meanwhile.
    """
    if is_last(db, locked_account(db, account)):
        raise LastAdmin("the last administrator")


def is_last(db: Session, account: Account) -> bool:
    """Whether the account is the only permanent administrator. Only after `lock` does it stay so."""
    return is_permanent(account) and not any_permanent(db, except_id=account.id)


def is_permanent(account: Account) -> bool:
    """Whether the account is a permanent administrator."""
    can_sign_in = account.disabled_at is None and account.ends_at is None and has_password(account)
    return can_sign_in and ADMIN_ROLE in account.roles


def any_permanent(db: Session, *, except_id: str | None = None) -> bool:
    """Whether there is a permanent administrator, other than the account with the id `except_id`."""
    found = PERMANENT if except_id is None else PERMANENT.where(Account.id != except_id)
    return bool(db.scalar(select(exists(found))))
