"""Queries of the stored events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
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
    """The newest events with an id below `before`, newest first."""
    query = select(EventRow).where(*which.conditions()).order_by(EventRow.id.desc()).limit(limit)
    return db.scalars(query if before is None else query.where(EventRow.id < before)).all()


def iterate(db: Session, which: EventFilter) -> Iterator[EventRow]:
    """All events, oldest first. Holds one batch in memory, and no transaction between batches."""
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
