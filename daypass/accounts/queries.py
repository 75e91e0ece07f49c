"""Queries about accounts."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from daypass.accounts.errors import NoSuchAccount
from daypass.accounts.listing import ALL
from daypass.accounts.names import canonical
from daypass.accounts.roles import list_of
from daypass.accounts.status import IS_ACTIVE
from daypass.database.models import Account, ListedAccount

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


def first_names(
    db: Session, limit: int, *, everybody: bool, roles: Sequence[str] = (), names: Iterable[str] = ()
) -> list[str]:
    """The first names, sorted, of active accounts: of everybody, or of those with one of the roles or names."""
    if everybody:
        return list(db.scalars(_active_names(ALL).limit(limit)))
    found = {name for role in roles for name in db.scalars(_active_names(list_of(role)).limit(limit))}
    return sorted(found | _existing(db, names, limit))[:limit]


def _active_names(which: str) -> Select[str]:
    """The names of the active accounts in a list, sorted."""
    listed = select(ListedAccount.key).join(Account, Account.id == ListedAccount.account_id)
    return listed.where(ListedAccount.list == which, IS_ACTIVE).order_by(ListedAccount.key)


def _existing(db: Session, names: Iterable[str], limit: int) -> set[str]:
    """The first of these names that active accounts have."""
    found, wanted = set[str](), sorted(names)
    for start in range(0, len(wanted), BATCH):
        some = Account.name.in_(wanted[start : start + BATCH])
        found.update(db.scalars(select(Account.name).where(some, IS_ACTIVE)))
        if len(found) >= limit:
            break
    return found


def count_requests(db: Session) -> int:
    """How many accounts wait for approval."""
    return db.scalars(select(func.count()).select_from(Account).where(Account.requested_at.is_not(None))).one()


def find(db: Session, name: str) -> Account:
    """Return the account with this name. Raises NoSuchAccount or InvalidName."""
    account = db.scalar(FOUND, {"canonical_name": canonical(name)})
    if account is None:
        raise NoSuchAccount("no such account")
    return account
