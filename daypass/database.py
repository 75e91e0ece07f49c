"""How the database is used: SQLite's settings, write transactions, and whether anything changed."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

BUSY_SECONDS = 5
WRITES = "daypass_writes"  # execution option of a connection whose transaction will write


def prepare(engine: Engine) -> None:
    """Set up every connection that the engine will make (SQLAlchemy: "Serializable isolation" for pysqlite)."""
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def create_file(path: str) -> None:
    """Make the database's file, if it is not there, so that only its owner can read it. Raises OSError."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))


def _set_pragmas(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own; `_begin` does
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(db: Session) -> Iterator[Session]:
    """One short write transaction: committed at the end, rolled back on an error.

    It takes SQLite's write lock first: what it reads cannot go stale before it writes.
    """
    db.rollback()
    db.connection(execution_options={WRITES: True})
    try:
        yield db
        db.commit()
    except BaseException:
        db.rollback()
        raise


class Watch:
    """Tells cheaply whether anything was committed, in any process, since it was last asked.

    SQLite counts commits of other connections in `PRAGMA data_version`; a connection that only asks sees them all.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def version(self) -> int:
        """A number that differs from the one before if anything was committed in between. Raises sqlite3.Error."""
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def close(self) -> None:
        """Let go of the connection; the next question opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
