"""Delete events that are older than their retention."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from daypass.audit.chain import open_key, read_ends, seal
from daypass.audit.verification import check_row
from daypass.database.event_models import EventChain, EventRow
from daypass.database.models import database_now
from daypass.database.transactions import AUDIT_LOCK, advisory_lock

BATCH = 1000  # rows


def prune(db: Session, retention: timedelta, secret_keys: Sequence[str]) -> int:
    """Delete one batch of events that are older than this; returns how many, 0 if none is left.

    Works inside the caller's write transaction. Rows are verified before they are deleted, so that a changed one stays
    as evidence. Raises BrokenTrail.
    """
    advisory_lock(db, AUDIT_LOCK)
    chain = read_ends(db)
    old = _old_rows(db, retention)
    if old:
        key = open_key(chain, secret_keys)
        _move_start(key, chain, [row for row in old if not 1 <= row.id <= chain.uncovered_id])
        db.execute(delete(EventRow).where(EventRow.id <= old[-1].id).execution_options(synchronize_session=False))
        chain.seal = seal(key, chain)
    return len(old)


def _old_rows(db: Session, retention: timedelta) -> list[EventRow]:
    """The oldest rows, up to the first that is younger than the retention; the database's clock decides."""
    cutoff = db.scalars(select(database_now())).one() - retention
    rows = list(db.scalars(select(EventRow).order_by(EventRow.id).limit(BATCH)))
    return rows[: next((index for index, row in enumerate(rows) if row.at >= cutoff), BATCH)]


def _move_start(key: bytes, chain: EventChain, rows: Sequence[EventRow]) -> None:
    for row in rows:
        chain.start_mac = check_row(key, row, chain, chain.start_id + 1, chain.start_mac)
        chain.start_id = row.id
