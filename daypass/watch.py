"""Whether the database changed since one last looked, asked as cheaply as each database allows."""

import sqlite3
import threading
import time
from typing import Protocol

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from daypass.database import on_lasting_fault

Version = tuple[int, int]
LOOK_EVERY = 0.5  # seconds, where a database cannot tell by itself
OPENING = 0.25  # seconds: whoever opens SQLite's file first has it for a moment to itself


class Watch(Protocol):
    """Gives a version that differs from the one before if anything may have been committed in between.

    patience: for how many seconds a request waits while another one reads what has changed.
    """

    patience: float

    def version(self) -> Version:
        """The version. Raises sqlite3.Error where the database cannot be asked."""

    def close(self) -> None:
        """Let go of what is open; the next question opens it again."""


def watch(engine: Engine, sessions: sessionmaker[Session]) -> Watch:
    """The watch for this database, and for what these sessions commit to it."""
    if engine.dialect.name != "sqlite":
        return ClockWatch(sessions)
    found = FileWatch(engine.url.database or "")
    on_lasting_fault(engine, found.close)
    return found


class FileWatch:
    """SQLite counts the commits of other connections in `PRAGMA data_version`, of all processes.

    It is asked on a connection that does nothing else, so it sees them all, for about 3 microseconds each time.
    """

    patience = 10.0  # a reader waits for nobody here, so it only takes what the work itself takes

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened = 0
        self._connection: sqlite3.Connection | None = None

    def version(self) -> Version:
        with self._lock:
            if self._connection is None:
                self._opened += 1  # another connection counts from another number
                self._connection = sqlite3.connect(
                    self._path, isolation_level=None, check_same_thread=False, timeout=OPENING
                )
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return self._opened, version

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


class ClockWatch:
    """Other databases: something may have changed in every half second, and whenever this process commits."""

    patience = 1.0  # the database may hang

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._commits = 0
        event.listen(sessions, "after_commit", self._count)

    def _count(self, session: Session) -> None:
        self._commits += 1

    def version(self) -> Version:
        return int(time.monotonic() / LOOK_EVERY), self._commits

    def close(self) -> None:
        pass
