"""Write transactions and advisory locks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

OPEN = "daypass_write_transaction"  # key of `Session.info`
AFTER_COMMIT = "daypass_after_commit"  # key of `Session.info`: what to call once its write transaction is committed
WRITES = "daypass_writes"  # execution option of a connection whose transaction will write
KEYS_LOCK = 0x64617970617373  # "daypass" in ASCII: the advisory lock for migrations and changes of the key ring
ADMINS_LOCK = KEYS_LOCK + 1  # the advisory lock for changes that may remove an administrator
AUDIT_LOCK = KEYS_LOCK + 2  # the advisory lock for additions to the audit trail


class _ThreadState(threading.local):
    """State of the current thread."""

    transactions = 0  # open write transactions


_thread = _ThreadState()


@contextmanager
def write_transaction(db: Session) -> Iterator[Session]:
    """Run a short write transaction: commit at the end, roll back on an error.

    It takes SQLite's write lock at the start, so that its reads cannot become stale before it writes. Other writers
    wait while it is open, so read the request's body before. `Replica.refresh`, and with it verdicts and the key ring,
    raises RuntimeError inside. Raises RuntimeError if a write transaction is already open.
    """
    if db.info.get(OPEN):
        raise RuntimeError("a write transaction was started inside another one")
    db.rollback()
    db.connection(execution_options={WRITES: True})
    db.info[OPEN] = True
    _thread.transactions += 1
    try:
        yield db
        db.commit()
    except BaseException:
        db.rollback()
        raise
    finally:
        db.info[OPEN] = False
        _thread.transactions -= 1
        committed: list[Callable[[], None]] = db.info.pop(AFTER_COMMIT, [])
    for act in committed:
        act()


def after_commit(db: Session, act: Callable[[], None]) -> None:
    """Call `act` once the write transaction that is open has been committed; never if it is rolled back."""
    db.info.setdefault(AFTER_COMMIT, []).append(act)


def in_batches(db: Session, change_batch: Callable[[Session], int]) -> int:
    """Change or delete rows in batches, each in a short transaction, until none is left; returns how many."""
    changed = 0
    while True:
        with write_transaction(db):
            batch = change_batch(db)
        if not batch:
            return changed
        changed += batch


def in_write_transaction() -> bool:
    """Whether the current thread has a write transaction open."""
    return _thread.transactions > 0


def advisory_lock(db: Session, lock: int = KEYS_LOCK) -> None:
    """Hold this lock until the transaction ends; other transactions that request it wait.

    Does nothing on SQLite, whose write lock has the same effect.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def read_snapshot(db: Session) -> None:
    """Begin a transaction whose queries all see the same state. SQLite's transactions always do."""
    db.rollback()
    if db.get_bind().dialect.name == "postgresql":
        db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
