"""Lists of events are ordered by time, though a refusal may be stored after a success that followed it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from daypass.audit.queries import EventFilter, iterate, newest
from daypass.database.event_models import EventRow
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db

START = datetime(2026, 11, 28, 8, tzinfo=UTC)
SECONDS = (0, 3, 1, 3, 2, 3, 0, 5, 4, 9, 8)  # after START, by id


def store(db: Session, event_id: int, seconds: int) -> None:
    at = START + timedelta(seconds=seconds)
    row = EventRow(id=event_id, at=at, event="sign_in", outcome="failure", facts="{}", count=1, mac="")
    with write_transaction(db):
        db.add(row)


@pytest.fixture
def db(app: Flask) -> Iterator[Session]:
    """A database whose events were not stored in the order of time."""
    with app.app_context():
        for event_id, seconds in enumerate(SECONDS, start=1):
            store(current_db(), event_id, seconds)
        yield current_db()


def pages(db: Session, size: int) -> list[list[int]]:
    """The ids on all pages, as the links to older events lead through them."""
    found: list[list[int]] = []
    while ids := [row.id for row in newest(db, EventFilter(), size, found[-1][-1] if found else None)]:
        found.append(ids)
    return found


@pytest.mark.each_database
@pytest.mark.parametrize("size", [1, 2, 3, 4, 50])
def test_pages_are_ordered_by_time_and_no_event_is_lost_or_repeated(db: Session, size: int) -> None:
    listed = [event_id for page in pages(db, size) for event_id in page]
    assert listed == sorted(range(1, len(SECONDS) + 1), key=lambda i: (SECONDS[i - 1], i), reverse=True)


@pytest.mark.each_database
def test_an_event_that_is_stored_late_moves_none_of_the_others_to_another_page(db: Session) -> None:
    first = [row.id for row in newest(db, EventFilter(), 4)]
    store(db, len(SECONDS) + 1, 9)
    second = [row.id for row in newest(db, EventFilter(), 4, first[-1])]
    assert (first, second) == ([10, 11, 8, 9], [6, 4, 2, 5])


@pytest.mark.each_database
def test_nothing_is_older_than_an_event_that_was_deleted(db: Session) -> None:
    assert newest(db, EventFilter(), 4, 10**18 - 1) == []


@pytest.mark.each_database
def test_a_download_includes_an_event_that_is_stored_late(db: Session) -> None:
    assert [row.id for row in iterate(db, EventFilter())] == list(range(1, len(SECONDS) + 1))
