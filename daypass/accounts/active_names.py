"""The names of active accounts, for pages that show a few of them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from daypass.accounts.listing import ALL
from daypass.accounts.roles import list_of
from daypass.accounts.status import IS_ACTIVE
from daypass.database.models import Account, ListedAccount

BATCH = 500  # names in a query


def first_active_names(
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
