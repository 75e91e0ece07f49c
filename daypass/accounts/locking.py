"""Lock an account by its owner, and open it again. Each function works inside the caller's transaction.

A locked account is disabled, so everything that refuses disabled accounts refuses it too. It differs from one that an
administrator disabled in `locked_at`, which has the same time as `disabled_at`: a node of an older version, which knows
nothing of locks, cannot make the one look like the other.
"""

from sqlalchemy.orm import Session

from daypass.accounts import administrators, devices
from daypass.accounts.errors import AlreadyDisabled
from daypass.database.models import DATABASE_TIME, Account
from daypass.sessions import lifecycle


def lock(db: Session, account: Account) -> None:
    """Disable the account until an administrator or a reset link opens it, and end its sessions and API tokens.

    Its devices are forgotten, and its links revoked: only a reset link that is created from now on opens it.

    Raises LastAdmin, NoSuchAccount, or AlreadyDisabled, so that an account that an administrator disabled never becomes
    one that its owner can open.
    """
    administrators.check_not_last(db, account)
    if account.disabled_at is not None:
        raise AlreadyDisabled("disabled meanwhile")
    account.disabled_at = account.locked_at = db.scalars(DATABASE_TIME).one()
    account.reset_id = account.confirm_id = account.new_email = None
    devices.forget_all(db, account.id)
    lifecycle.end_all(db, account.id, "account_locked")


def reopen(account: Account) -> bool:
    """Open the account if its owner has locked it; returns whether that was so."""
    if not account.is_locked:
        return False
    account.disabled_at = account.locked_at = None
    return True
