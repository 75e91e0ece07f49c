"""Verify the chain of stored events."""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from daypass.audit.chain import open_key, read_ends, row_mac
from daypass.audit.errors import BrokenTrail
from daypass.database.event_models import EventChain, EventRow
from daypass.database.transactions import read_snapshot

BATCH = 1000  # rows per query
CHANGED = "Row {id} was changed, moved or inserted after Daypass wrote the trail."


@dataclass(frozen=True)
class Verified:
    """An unbroken chain: its rows, the time of the first and the last, and rows from before it was restarted."""

    rows: int
    first: datetime | None
    last: datetime | None
    uncovered: int


def verify(db: Session, secret_keys: Sequence[str]) -> Verified:
    """Verify every row. Raises BrokenTrail, which names the first row that is wrong."""
    read_snapshot(db)
    chain = read_ends(db)
    if chain.sealed_key is None:
        return _verify_unused(db)
    key = open_key(chain, secret_keys)
    _check_rows_before_start(db, chain)
    rows, first, last, previous = 0, None, None, chain.start_mac
    for row in _rows_after(db, chain.start_id):
        previous = check_row(key, row, chain, chain.start_id + rows + 1, previous)
        rows, first, last = rows + 1, first or row.at, row.at
    _check_end(chain, chain.start_id + rows, previous)
    uncovered = db.scalars(select(func.count()).where(EventRow.id.between(1, chain.uncovered_id))).one()
    return Verified(rows, first, last, uncovered)


def check_row(key: bytes, row: EventRow, chain: EventChain, expected_id: int, previous: str) -> str:
    """Check that a row follows the previous one; returns its mac. Raises BrokenTrail."""
    if row.id > chain.head_id:
        raise BrokenTrail(f"Row {row.id} was not written by Daypass: the trail ends with row {chain.head_id}.")
    if row.id != expected_id:
        missing = f"Row {expected_id} is" if row.id == expected_id + 1 else f"Rows {expected_id} to {row.id - 1} are"
        raise BrokenTrail(f"{missing} missing.")
    if not hmac.compare_digest(row.mac, row_mac(key, row, previous)):
        raise BrokenTrail(CHANGED.format(id=row.id))
    return row.mac


def _check_end(chain: EventChain, last_id: int, last_mac: str) -> None:
    if last_id < chain.head_id:
        raise BrokenTrail(f"The end of the trail was cut off: it ends before row {last_id + 1}, of {chain.head_id}.")
    if last_mac != chain.head_mac:
        raise BrokenTrail(CHANGED.format(id=last_id))


def _check_rows_before_start(db: Session, chain: EventChain) -> None:
    outside = ~EventRow.id.between(1, chain.uncovered_id)
    added = db.scalar(select(func.min(EventRow.id)).where(outside, EventRow.id <= chain.start_id))
    if added is not None:
        raise BrokenTrail(f"Row {added} was not written by Daypass: the trail begins after row {chain.start_id}.")


def _verify_unused(db: Session) -> Verified:
    found = db.scalar(select(func.min(EventRow.id)))
    if found is not None:
        raise BrokenTrail(f"Row {found} was not written by Daypass, or the key of the trail was deleted.")
    return Verified(0, None, None, 0)


def _rows_after(db: Session, number: int) -> Iterator[EventRow]:
    while True:
        query = select(EventRow).where(EventRow.id > number).order_by(EventRow.id).limit(BATCH)
        batch = db.scalars(query).all()
        yield from batch
        if len(batch) < BATCH:
            return
        number = batch[-1].id
        db.expunge_all()
