"""Queries about accounts."""

from collections.abc import Iterator

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlalchemy.orm import Session

from daypass.accounts.errors import AccountGone, NoSuchAccount
from daypass.accounts.names import canonical
from daypass.database.models import Account

BATCH = 500  # rows
FOUND = select(Account).where(Account.name == bindparam("canonical_name"))
ADDRESSES = select(Account.email, Account.new_email).where(Account.id == bindparam("id"))


def addresses(connection: Connection, account_id: str) -> Row[str | None, str | None] | None:
    """The e-mail address of an account, and its new address that is not confirmed yet, as `email` and `new_email`."""
    return connection.execute(ADDRESSES, {"id": account_id}).first()


def iterate(db: Session) -> Iterator[Account]:
    """All accounts, sorted by name, a batch in memory at a time."""
    return iter(db.scalars(select(Account).order_by(Account.name).execution_options(yield_per=BATCH)))


def are_several(db: Session) -> bool:
    """Whether there is more than one account."""
    return len(db.scalars(select(Account.id).limit(2)).all()) > 1


def count_requests(db: Session) -> int:
    """How many accounts wait for approval."""
    return db.scalars(select(func.count()).select_from(Account).where(Account.requested_at.is_not(None))).one()


def find(db: Session, name: str) -> Account:
    """Return the account with this name. Raises NoSuchAccount or InvalidName."""
    account = db.scalar(FOUND, {"canonical_name": canonical(name)})
    if account is None:
        raise NoSuchAccount("no such account")
    return account


def find_managed(db: Session, account_id: str) -> Account:
    """The account with this id, for administrators' pages. Raises AccountGone."""
    account = db.get(Account, account_id)
    if account is None:
        raise AccountGone("no such account")
    return account
