"""The administrators: at least one account that can sign in keeps the role. Works inside the caller's transaction."""

from sqlalchemy import String, cast, exists, select
from sqlalchemy.orm import Session

from daypass.accounts.errors import LastAdmin, NoSuchAccount
from daypass.database.models import Account
from daypass.database.transactions import ADMINS_LOCK, advisory_lock

ADMIN_ROLE = "admin"


def lock(db: Session) -> None:
    """Let no other transaction take the role or the account of an administrator away until this one ends.

    Taken before the row of any account is locked: of two that wait for each other the database would end one.
    """
    advisory_lock(db, ADMINS_LOCK)


def check_not_last(db: Session, account: Account) -> None:
    """Lock the account's row, and raise LastAdmin if it is the only administrator who can sign in.

    Raises NoSuchAccount if the account was deleted meanwhile.
    """
    lock(db)
    fresh = db.get(Account, account.id, with_for_update=True, populate_existing=True)
    if fresh is None:
        raise NoSuchAccount("deleted meanwhile")
    if fresh.disabled_at is None and ADMIN_ROLE in fresh.roles and not any_enabled(db, but=fresh.id):
        raise LastAdmin("the last administrator")


def any_enabled(db: Session, *, but: str | None = None) -> bool:
    """Whether an administrator can sign in, not counting the account of the id `but`."""
    has_role = cast(Account.roles, String).contains(f'"{ADMIN_ROLE}"')  # a role's name has no quotes in it
    found = select(Account.id).where(Account.disabled_at.is_(None), has_role)
    return bool(db.scalar(select(exists(found if but is None else found.where(Account.id != but)))))
