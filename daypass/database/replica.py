"""What a process keeps in memory of the database: read again, and in one piece, when the database has changed."""

import sqlite3
import threading
import time
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.change_detector import ChangeDetector, Version
from daypass.database.transactions import in_write_transaction
from daypass.errors import ServiceUnavailable

RETRY_SECONDS = 0.5  # seconds between attempts while the database cannot be asked


class ReplicaPart(Protocol):
    """Something in memory that stands for rows of the database."""

    def read(self, db: Session) -> None:
        """Take in what the rows say now."""


class Replica:
    """The parts that are kept up to date. One object for a process, for all its threads.

    grace: for how many seconds the parts may be used when the database cannot be asked whether they are still right.
    """

    def __init__(self, session_factory: sessionmaker[Session], detector: ChangeDetector, grace: int) -> None:
        self._session_factory = session_factory
        self._detector = detector
        self._grace = grace
        self._parts: list[ReplicaPart] = []
        self._lock = threading.Lock()
        self._version: Version | None = None
        self._sure_at = float("-inf")  # by this process's own, monotonic clock
        self._failed_at = float("-inf")

    def add(self, part: ReplicaPart) -> None:
        """Keep this part up to date from now on."""
        self._parts.append(part)

    def refresh(self) -> None:
        """Bring the parts up to date; no query unless data changed.

        Raises ServiceUnavailable once the database could not be asked for longer than the grace: rather shut than wrong
        (ASVS 16.5.3). Raises RuntimeError inside a write transaction, where the answer may need another one (a key
        that signs, where there is none), which would wait for the first.
        """
        if in_write_transaction():
            raise RuntimeError("a verdict or the key ring was asked for inside a write transaction")
        now = time.monotonic()
        try:
            if self._failed_lately(now):
                self._rely_on_grace(now)
            elif self._detector.version() == self._version:
                self._sure_at = now
            else:
                self._read_in_one_thread(now)
        except (sqlite3.Error, SQLAlchemyError) as error:
            self._failed_at = time.monotonic()
            self._detector.close()
            self._rely_on_grace(now, error)

    def _failed_lately(self, now: float) -> bool:
        return now - self._failed_at < RETRY_SECONDS

    def _rely_on_grace(self, now: float, error: Exception | None = None) -> None:
        if now - self._sure_at > self._grace:
            raise ServiceUnavailable("the database cannot be asked what has changed") from error

    def _read_in_one_thread(self, now: float) -> None:
        """One thread reads, and those that come meanwhile wait for it, though not for a database that hangs."""
        if not self._lock.acquire(timeout=self._detector.patience):
            return self._rely_on_grace(now)
        try:
            version = self._detector.version()  # before the rows: a commit in between is seen at the next request
            if self._failed_lately(time.monotonic()):
                self._rely_on_grace(now)
            else:
                if version != self._version:
                    self._read()
                self._version, self._sure_at = version, now
        finally:
            self._lock.release()

    def _read(self) -> None:
        with self._session_factory() as db:
            for part in self._parts:
                part.read(db)

    def close(self) -> None:
        """Let go of the connection; the next question opens another."""
        self._detector.close()
