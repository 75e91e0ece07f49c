"""The chain of stored events: each row authenticates its content and the row before it.

The key of the chain is random, and encrypted under SECRET_KEY. Whoever can write to the database but does not know
SECRET_KEY cannot change, remove, insert or reorder rows without breaking the chain, nor move its two ends.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from daypass.audit.errors import BrokenTrail
from daypass.database.event_models import EventChain, EventRow
from daypass.database.transactions import AUDIT_LOCK, advisory_lock
from daypass.keys.encryption import fernet

TABLES = EventRow.metadata.tables  # statements about them are faster than those about their classes
INSERT = insert(TABLES[EventRow.__tablename__])
MOVE_ENDS = update(TABLES[EventChain.__tablename__])  # its one row
PURPOSE = b"daypass audit chain"
KEY_BYTES = 32
UNREADABLE = (
    "The audit trail was written under a secret key that is neither DAYPASS_SECRET_KEY nor one of "
    "DAYPASS_SECRET_KEY_FALLBACKS. If that key is lost, start a new chain: daypass audit restart."
)
NO_ENDS = "The record of where the audit trail begins and ends was deleted."
WRONG_SEAL = "The record of where the audit trail begins and ends was changed."


def append(db: Session, rows: Sequence[EventRow], secret_keys: Sequence[str]) -> None:
    """Add rows to the end of the chain, inside the caller's write transaction.

    Raises BrokenTrail if its ends were changed, or no secret key fits. Nothing is left to be flushed later, so that the
    caller can roll back to a savepoint.
    """
    advisory_lock(db, AUDIT_LOCK)
    chain = read_ends(db)
    db.expunge(chain)
    if chain.sealed_key is None:
        _begin(chain, secret_keys)
    key = open_key(chain, secret_keys)
    for row in rows:
        row.id = chain.head_id + 1
        row.mac = row_mac(key, row, chain.head_mac)
        chain.head_id, chain.head_mac = row.id, row.mac
    chain.seal = seal(key, chain)
    db.execute(INSERT, [_values(row) for row in rows])
    db.execute(MOVE_ENDS, _values(chain))


def read_ends(db: Session) -> EventChain:
    """The ends of the chain. Raises BrokenTrail if they are missing."""
    chain = db.get(EventChain, 1, populate_existing=True)
    if chain is None:
        raise BrokenTrail(NO_ENDS)
    return chain


def open_key(chain: EventChain, secret_keys: Iterable[str]) -> bytes:
    """Decrypt the key of the chain. Raises BrokenTrail if no secret key fits, or the ends were changed."""
    try:
        key = fernet(secret_keys, PURPOSE).decrypt(chain.sealed_key or b"")
    except InvalidToken:
        raise BrokenTrail(UNREADABLE) from None
    if not hmac.compare_digest(chain.seal, seal(key, chain)):
        raise BrokenTrail(WRONG_SEAL)
    return key


def restart(db: Session, secret_keys: Sequence[str]) -> None:
    """Start a new chain, with a new key, after the rows that exist; they are not verified any more.

    Inside the caller's write transaction.
    """
    advisory_lock(db, AUDIT_LOCK)
    chain = db.get(EventChain, 1) or EventChain(id=1)
    newest = db.query(EventRow.id).order_by(EventRow.id.desc()).limit(1).scalar() or 0
    chain.start_id = chain.head_id = chain.uncovered_id = max(newest, chain.head_id or 0)
    chain.start_mac = chain.head_mac = ""
    db.add(chain)
    _begin(chain, secret_keys)


def reencrypt(db: Session, secret_keys: Sequence[str]) -> None:
    """Encrypt the key of the chain under the first secret key, inside the caller's write transaction."""
    advisory_lock(db, AUDIT_LOCK)
    chain = read_ends(db)
    if chain.sealed_key is not None:
        chain.sealed_key = fernet(secret_keys[:1], PURPOSE).encrypt(open_key(chain, secret_keys))


def row_mac(key: bytes, row: EventRow, previous: str) -> str:
    """The HMAC of a row's content and of the previous row's mac, in hex."""
    content = [
        row.id,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.event,
        row.outcome,
        row.account_id,
        row.by_id,
        row.address,
        row.request_id,
        row.facts,
        row.count,
    ]
    return _mac(key, ["row", previous, content])


def seal(key: bytes, chain: EventChain) -> str:
    """The HMAC of the ends of the chain, in hex."""
    ends = [chain.start_id, chain.start_mac, chain.head_id, chain.head_mac, chain.uncovered_id]
    return _mac(key, ["ends", ends])


def _begin(chain: EventChain, secret_keys: Sequence[str]) -> None:
    key = secrets.token_bytes(KEY_BYTES)
    chain.sealed_key = fernet(secret_keys[:1], PURPOSE).encrypt(key)
    chain.seal = seal(key, chain)


def _values(row: EventRow | EventChain) -> dict[str, Any]:
    """The values of a row by column."""
    return {name: getattr(row, name) for name in row.__table__.columns.keys()}  # noqa: SIM118  # a collection of columns


def _mac(key: bytes, content: list[object]) -> str:
    canonical = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hmac.digest(key, canonical.encode(), "sha256").hex()
