"""Whether the database changed since one last looked, asked as cheaply as each database allows."""

import sqlite3
import threading
import time
from typing import Protocol

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.engine import on_lasting_fault

Version = tuple[int, ...]
POLL_SECONDS = 0.5  # seconds, where a database cannot tell by itself
CLOCK_TOLERANCE = 5.0  # seconds; a clock that moved by so much more or less than the monotonic one has been set
OPEN_TIMEOUT = 0.25  # seconds: whoever opens SQLite's file first has it for a moment to itself


class ChangeDetector(Protocol):
    """Gives a version that differs from the one before if anything may have been committed in between.

    patience: for how many seconds a request waits while another one reads what has changed.
    """

    patience: float

    def version(self) -> Version:
        """The version. Raises sqlite3.Error where the database cannot be asked."""

    def close(self) -> None:
        """Let go of what is open; the next question opens it again."""


def change_detector(engine: Engine, sessions: sessionmaker[Session]) -> ChangeDetector:
    """The change detector for this database, and for what these sessions commit to it."""
    if engine.dialect.name != "sqlite":
        return PollingChangeDetector(sessions)
    found = SqliteChangeDetector(engine.url.database or "")
    on_lasting_fault(engine, found.close)
    return found


class ClockAdjustments:
    """Counts how often the system's clock was set, as seen against the monotonic one, which nobody sets."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self._steps = 0

    def count(self) -> int:
        """How often it was set so far, in either direction."""
        offset = time.time() - time.monotonic()
        if abs(offset - self._offset) > CLOCK_TOLERANCE:
            self._offset = offset
            self._steps += 1
        return self._steps


class SqliteChangeDetector:
    """SQLite counts the commits of other connections in `PRAGMA data_version`, of all processes.

    It is asked on a connection that does nothing else, so it sees them all, for about 3 microseconds each time. SQLite
    takes its time from the system's clock, so that one's being set counts as a change too.
    """

    patience = 10.0  # a reader waits for nobody here, so it only takes what the work itself takes

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened = 0
        self._clock = ClockAdjustments()
        self._connection: sqlite3.Connection | None = None

    def version(self) -> Version:
        with self._lock:
            if self._connection is None:
                self._opened += 1  # another connection counts from another number
                self._connection = sqlite3.connect(
                    self._path, isolation_level=None, check_same_thread=False, timeout=OPEN_TIMEOUT
                )
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return self._opened, version, self._clock.count()

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


class PollingChangeDetector:
    """Other databases: something may have changed in every half second, and whenever this process commits."""

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
