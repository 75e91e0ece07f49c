"""Queries of the stored events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from daypass.database.event_models import EventRow

BATCH = 500  # rows per query of `iterate`


@dataclass(frozen=True)
class EventFilter:
    """Which events to list; None for all.

    account_id: the account that an event is about. concerns: about this account, or caused by it.
    """

    event: str | None = None
    outcome: str | None = None
    account_id: str | None = None
    concerns: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions that a row must meet."""
        equal = {
            EventRow.event: self.event,
            EventRow.outcome: self.outcome,
            EventRow.account_id: self.account_id,
            EventRow.address: self.address,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        if self.concerns is not None:
            found.append(or_(EventRow.account_id == self.concerns, EventRow.by_id == self.concerns))
        if self.since is not None:
            found.append(EventRow.at >= self.since)
        if self.until is not None:
            found.append(EventRow.at < self.until)
        return found


def newest(db: Session, which: EventFilter, limit: int, before: int | None = None) -> Sequence[EventRow]:
    """The newest events, newest first; or those older than the event with the id `before`, none if that was deleted.

    Their ids follow the order in which they were stored. A refusal is stored up to a minute after it happened.
    """
    query = select(EventRow).where(*which.conditions()).order_by(EventRow.at.desc(), EventRow.id.desc()).limit(limit)
    if before is None:
        return db.scalars(query).all()
    last = db.get(EventRow, before)
    return [] if last is None else db.scalars(query.where(_is_older(last))).all()


def _is_older(last: EventRow) -> ColumnElement[bool]:
    """Whether a row comes after `last` in the list; the first condition lets the database use the index on `at`."""
    return and_(EventRow.at <= last.at, or_(EventRow.at < last.at, EventRow.id < last.id))


def iterate(db: Session, which: EventFilter) -> Iterator[EventRow]:
    """All events in the order in which they were stored. Holds one batch in memory, and no transaction between batches.

    In the order of time, a refusal that is stored meanwhile, but happened earlier, would be left out.
    """
    after = 0
    while True:
        query = select(EventRow).where(EventRow.id > after, *which.conditions()).order_by(EventRow.id).limit(BATCH)
        rows = db.scalars(query).all()
        db.expunge_all()
        db.rollback()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1].id
