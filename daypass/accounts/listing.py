"""Pages of the list of accounts. The time for one does not depend on the number of accounts.

Each list is sorted by an index of `account_lists`. A page begins after the last account of the page before, whose
position is in the link, so nothing is counted or skipped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from daypass.accounts import end_dates
from daypass.accounts.status import has_ended, has_password
from daypass.database.models import NEVER_SEEN, Account, Instant, ListedAccount
from daypass.sessions import lifecycle

PAGE_SIZE = 50  # rows
ALL, DISABLED, UNSEEN, ADDRESSES = "all", "disabled", "unseen", "address"
LAST_CHARACTER = "\U0010ffff"


class Sort(StrEnum):
    """What a list is sorted by."""

    NAME = "name"
    CREATED = "created"
    SEEN = "seen"


COLUMNS: dict[Sort, InstrumentedAttribute[datetime]] = {
    Sort.CREATED: ListedAccount.created_at,
    Sort.SEEN: ListedAccount.last_seen_at,
}


@dataclass(frozen=True)
class Position:
    """Where a page begins: after the account with this key, which has this time in the sorted column."""

    key: str
    at: datetime = NEVER_SEEN


@dataclass(frozen=True)
class Listing:
    """Which accounts to list, and in which order.

    list: a list of `ListedAccount`. prefix: what the key begins with; only for lists that are sorted by it.
    """

    list: str = ALL
    prefix: str = ""
    sort: Sort = Sort.NAME
    descending: bool = False
    after: Position | None = None


@dataclass(frozen=True)
class AccountSummary:
    """An account as the list shows it. last_day: before its end date. last_seen_at: None if it had no session yet."""

    id: str
    name: str
    roles: tuple[str, ...]
    disabled: bool
    locked: bool  # disabled by its owner
    waiting: bool  # disabled until an administrator approves it
    ended: bool
    has_password: bool
    last_day: date | None
    created_at: datetime
    last_seen_at: datetime | None
    live_sessions: int


@dataclass(frozen=True)
class AccountPage:
    """A page of the list; next: where the next one begins, None on the last."""

    accounts: Sequence[AccountSummary]
    next: Position | None


def search(text: str) -> Listing:
    """The accounts whose name, or whose address if it contains an `@`, begins with this text."""
    return Listing(ADDRESSES if "@" in text else ALL, prefix=text.strip().lower())


def read_page(db: Session, listing: Listing, now: datetime) -> AccountPage:
    """A page of accounts, with the number of their live sessions."""
    rows = db.scalars(_query(listing).limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    ids = [row.account_id for row in shown]
    accounts = {account.id: account for account in db.scalars(select(Account).where(Account.id.in_(ids)))}
    live = lifecycle.live_counts(db, ids, now)
    summaries = [
        summary(accounts[row.account_id], row.last_seen_at, live.get(row.account_id, 0))
        for row in shown
        if row.account_id in accounts
    ]
    return AccountPage(summaries, _position(shown[-1], listing.sort) if len(rows) > PAGE_SIZE else None)


def summary(account: Account, last_seen_at: datetime, live_sessions: int) -> AccountSummary:
    """An account as the list shows it."""
    return AccountSummary(
        id=account.id,
        name=account.name,
        roles=tuple(account.roles),
        disabled=account.disabled_at is not None,
        locked=account.is_locked,
        waiting=account.requested_at is not None,
        ended=has_ended(account),
        has_password=has_password(account),
        last_day=None if account.ends_at is None else end_dates.last_day(account.ends_at),
        created_at=account.created_at,
        last_seen_at=None if last_seen_at == NEVER_SEEN else last_seen_at,
        live_sessions=live_sessions,
    )


def last_seen(db: Session, account_id: str) -> datetime:
    """When the account was last seen; NEVER_SEEN if it had no session yet."""
    row = select(ListedAccount.last_seen_at).where(ListedAccount.account_id == account_id, ListedAccount.list == ALL)
    return db.scalars(row).one_or_none() or NEVER_SEEN


def _query(listing: Listing) -> Select[ListedAccount]:
    row, column = ListedAccount, COLUMNS.get(listing.sort)
    query = select(row).where(row.list == listing.list)
    if listing.prefix:
        query = query.where(row.key >= listing.prefix, row.key < listing.prefix + LAST_CHARACTER)
    if listing.after is not None:
        query = query.where(_is_after(listing.after, column, descending=listing.descending))
    order: list[ColumnElement[Any]] = (
        [row.key.expression] if column is None else [column.expression, row.key.expression]
    )
    return query.order_by(*(each.desc() if listing.descending else each for each in order))


def _is_after(
    position: Position, column: InstrumentedAttribute[datetime] | None, *, descending: bool
) -> ColumnElement[bool]:
    """Whether a row comes after the position in the list."""
    if column is None:
        return ListedAccount.key < position.key if descending else ListedAccount.key > position.key
    place = tuple_(column, ListedAccount.key)
    given = tuple_(literal(position.at, Instant()), literal(position.key))
    return place < given if descending else place > given


def _position(row: ListedAccount, sort: Sort) -> Position:
    return Position(row.key, row.created_at if sort is Sort.CREATED else row.last_seen_at)
