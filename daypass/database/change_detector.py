"""Detect cheaply whether the database has changed."""

import sqlite3
import threading
import time
from typing import Protocol

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.engine import on_lasting_fault

Version = tuple[int, ...]
POLL_SECONDS = 0.5  # seconds
CLOCK_TOLERANCE = 5.0  # seconds; a larger deviation from the monotonic clock means that the clock was changed
OPEN_TIMEOUT = 0.25  # seconds; the first connection to a SQLite file locks it briefly


class ChangeDetector(Protocol):
    """Returns a version that changes whenever something may have been committed.

    patience: how many seconds a request waits while another one reads the changes.
    """

    patience: float

    def version(self) -> Version:
        """The current version. Raises sqlite3.Error if the database is unreachable."""

    def close(self) -> None:
        """Close the connection; the next call of `version` opens another."""


def change_detector(engine: Engine, sessions: sessionmaker[Session]) -> ChangeDetector:
    """Create the change detector for this database and the sessions that commit to it."""
    if engine.dialect.name != "sqlite":
        return PollingChangeDetector(sessions)
    detector = SqliteChangeDetector(engine.url.database or "")
    on_lasting_fault(engine, detector.close)
    return detector


class ClockAdjustments:
    """Counts changes of the system clock, by comparison with the monotonic clock."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self._count = 0

    def count(self) -> int:
        """The number of changes so far, forwards or backwards."""
        offset = time.time() - time.monotonic()
        if abs(offset - self._offset) > CLOCK_TOLERANCE:
            self._offset = offset
            self._count += 1
        return self._count


class SqliteChangeDetector:
    """Uses `PRAGMA data_version`, in which SQLite counts the commits of other connections, in all processes.

    The query runs on a connection that never writes, so it sees all commits; it takes about 3 microseconds. SQLite's
    time is the system clock, so a change of that clock counts as a change of the database.
    """

    patience = 10.0  # SQLite readers do not wait for locks, so only the read itself takes time

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened = 0
        self._clock = ClockAdjustments()
        self._cursor: sqlite3.Cursor | None = None  # kept, because creating one takes a while

    def version(self) -> Version:
        with self._lock:
            cursor = self._cursor or self._open()
            version: int = cursor.execute("PRAGMA data_version").fetchone()[0]
            return self._opened, version, self._clock.count()

    def _open(self) -> sqlite3.Cursor:
        self._opened += 1  # each connection counts from a different number
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=OPEN_TIMEOUT)
        self._cursor = connection.cursor()
        return self._cursor

    def close(self) -> None:
        with self._lock:
            if self._cursor is not None:
                self._cursor.connection.close()
            self._cursor = None


class PollingChangeDetector:
    """For other databases: reports a change every half second, and whenever this process commits."""

    patience = 1.0  # the database may hang

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._commits = 0
        event.listen(sessions, "after_commit", self._count)

    def _count(self, session: Session) -> None:
        self._commits += 1

    def version(self) -> Version:
        return int(time.monotonic() / POLL_SECONDS), self._commits

    def close(self) -> None:
        pass
