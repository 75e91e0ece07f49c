"""Detect cheaply whether the database has changed."""

import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.engine import connect_outside_pool, on_lasting_fault
from daypass.database.listener import Listener

Version = tuple[int, ...]
CHANGED = "daypass_changed"  # key of `Session.info`
POLL_SECONDS = 0.5  # while PostgreSQL's notifications are not received
CLOCK_TOLERANCE = 5.0  # seconds; a larger deviation from the monotonic clock means that the clock was changed
OPEN_TIMEOUT = 0.25  # seconds; the first connection to a SQLite file locks it briefly


class ChangeDetector(Protocol):
    """Returns a version that changes whenever something may have been committed.

    patience: how many seconds a request waits while another one reads the changes.
    """

    patience: float

    def version(self) -> Version:
        """The current version. Raises sqlite3.Error if the database is unreachable."""

    def read_when_idle(self, read: Callable[[], None]) -> None:
        """Call this every few seconds, if the detector has a thread, in case it has missed a change."""

    def reset(self) -> None:
        """Close what may be broken after a fault of the database."""

    def close(self) -> None:
        """Close the connection; the next call of `version` opens another."""


def mark_changed(db: Session) -> None:
    """Let this process notice, as soon as the transaction commits, that it changed what processes hold in memory."""
    db.info[CHANGED] = True


def change_detector(engine: Engine, sessions: sessionmaker[Session]) -> ChangeDetector:
    """Create the change detector for this database and the sessions that commit to it."""
    if engine.dialect.name != "sqlite":
        return ListeningChangeDetector(engine, sessions)
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

    def read_when_idle(self, read: Callable[[], None]) -> None:
        pass

    def reset(self) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            if self._cursor is not None:
                self._cursor.connection.close()
            self._cursor = None

    def _open(self) -> sqlite3.Cursor:
        self._opened += 1  # each connection counts from a different number
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=OPEN_TIMEOUT)
        self._cursor = connection.cursor()
        return self._cursor


class ListeningChangeDetector:
    """For PostgreSQL, which notifies every process of a change when it commits.

    While the notifications may not arrive, it reports a change every half second. A change by this process is reported
    without waiting for its notification. The connection that listens is opened at the first call of `version`.
    """

    patience = 1.0  # the database may hang

    def __init__(self, engine: Engine, sessions: sessionmaker[Session]) -> None:
        self._engine = engine
        self._commits = 0
        self._notifications = 0
        self._read: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._listener: Listener | None = None
        event.listen(sessions, "after_commit", self._count_commit)
        event.listen(sessions, "after_rollback", _discard_mark)

    def read_when_idle(self, read: Callable[[], None]) -> None:
        self._read = read

    def version(self) -> Version:
        listener = self._listener
        if listener is None or not listener.is_running:
            listener = self._start()
        polls = 0 if listener.is_listening else int(time.monotonic() / POLL_SECONDS)
        return polls, self._commits, self._notifications

    def reset(self) -> None:
        pass  # the listener notices by itself whether its connection is broken

    def close(self) -> None:
        with self._lock:
            if self._listener is not None:
                self._listener.close()
            self._listener = None

    def _start(self) -> Listener:
        with self._lock:
            if self._listener is None or not self._listener.is_running:
                connect = partial(connect_outside_pool, self._engine, application_name="daypass listener")
                self._listener = Listener(connect, self._count_notification, self._read)
            return self._listener

    def _count_notification(self) -> None:
        self._notifications += 1

    def _count_commit(self, db: Session) -> None:
        if db.info.pop(CHANGED, False):
            self._commits += 1


def _discard_mark(db: Session) -> None:
    db.info.pop(CHANGED, None)
