"""Write transactions and advisory locks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

OPEN = "daypass_write_transaction"  # key of `Session.info`
WRITES = "daypass_writes"  # execution option of a connection whose transaction will write
KEYS_LOCK = 0x64617970617373  # "daypass": the advisory lock around migrations and changes of the key ring
ADMINS_LOCK = KEYS_LOCK + 1  # the one around all that can take an administrator away


class _Here(threading.local):
    """What the current thread is in the middle of."""

    transactions = 0  # write transactions that are open


_here = _Here()


@contextmanager
def write_transaction(db: Session) -> Iterator[Session]:
    """One short write transaction: committed at the end, rolled back on an error.

    It takes SQLite's write lock first: what it reads cannot go stale before it writes. While it is open all other
    writers wait, so nothing inside may wait for a visitor: read the request's body before. Nor may a verdict or the
    key ring be asked for inside, which `Replica.refresh` refuses. Raises RuntimeError inside another one.
    """
    if db.info.get(OPEN):
        raise RuntimeError("a write transaction was begun inside another one, which it would roll back")
    db.rollback()
    db.connection(execution_options={WRITES: True})
    db.info[OPEN] = True
    _here.transactions += 1
    try:
        yield db
        db.commit()
    except BaseException:
        db.rollback()
        raise
    finally:
        db.info[OPEN] = False
        _here.transactions -= 1


def in_write_transaction() -> bool:
    """Whether the current thread has a write transaction open."""
    return _here.transactions > 0


def advisory_lock(db: Session, lock: int = KEYS_LOCK) -> None:
    """Let no other transaction that asks for this lock pass here until this one ends.

    SQLite's write lock does so already.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
