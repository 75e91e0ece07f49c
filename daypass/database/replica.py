"""The in-memory copy of database rows, read again as a whole when the database has changed."""

import sqlite3
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.change_detector import ChangeDetector, Version
from daypass.database.transactions import in_write_transaction
from daypass.errors import ServiceUnavailable

RETRY_SECONDS = 0.5  # seconds between attempts while the database is unreachable


class ReplicaPart(Protocol):
    """An in-memory copy of some rows."""

    def read(self, db: Session) -> None:
        """Read the rows."""


class Replica:
    """Keeps its parts up to date. One object per process, shared by all threads.

    grace: how many seconds the parts may be used while the database is unreachable.
    """

    def __init__(self, session_factory: sessionmaker[Session], detector: ChangeDetector, grace: int) -> None:
        self._session_factory = session_factory
        self._detector = detector
        self._grace = grace
        self._versions: dict[ReplicaPart, Version | None] = {}  # that each part was read at
        self._lock = threading.Lock()
        self._confirmed_at = float("-inf")  # monotonic time
        self._failed_at = float("-inf")
        detector.read_when_idle(self._read_again)

    def add(self, part: ReplicaPart) -> None:
        """Add a part to keep up to date."""
        self._versions[part] = None

    def refresh(self, only: ReplicaPart | None = None) -> None:
        """Update the parts, or only one of them; runs no query unless data changed.

        Raises ServiceUnavailable if the database has been unreachable for longer than the grace (ASVS 16.5.3: fail
        securely). Raises RuntimeError inside a write transaction: creating a missing signing key would need a second
        one, which would wait for the first.
        """
        if in_write_transaction():
            raise RuntimeError("the replica was refreshed inside a write transaction")
        now = time.monotonic()
        try:
            if self._failed_recently(now):
                self._rely_on_grace(now)
            elif self._outdated(self._detector.version(), only):
                self._read_in_one_thread(now, only)
            elif only is None:
                self._confirmed_at = now
        except (sqlite3.Error, SQLAlchemyError) as error:
            self._failed_at = time.monotonic()
            self._detector.reset()
            self._rely_on_grace(now, error)

    def _failed_recently(self, now: float) -> bool:
        return now - self._failed_at < RETRY_SECONDS

    def _rely_on_grace(self, now: float, error: Exception | None = None) -> None:
        if now - self._confirmed_at > self._grace:
            raise ServiceUnavailable("the database is unreachable, and the grace period is over") from error

    def _outdated(self, version: Version, only: ReplicaPart | None) -> list[ReplicaPart]:
        parts = self._versions if only is None else (only,)
        return [part for part in parts if self._versions[part] != version]

    def _read_in_one_thread(self, now: float, only: ReplicaPart | None) -> None:
        """Read in one thread. Other threads wait for it, but no longer than the detector's patience."""
        if not self._lock.acquire(timeout=self._detector.patience):
            return self._rely_on_grace(now)
        try:
            version = (
                self._detector.version()
            )  # before the rows, so that a commit in between is detected at the next request
            if self._failed_recently(time.monotonic()):
                self._rely_on_grace(now)
            else:
                self._read(self._outdated(version, only), version)
                if only is None:
                    self._confirmed_at = now
        finally:
            self._lock.release()

    def _read_again(self) -> None:
        """Read the parts although nothing seems to have changed, outside of requests."""
        if not self._lock.acquire(blocking=False):
            return  # a request reads them
        try:
            version, now = self._detector.version(), time.monotonic()
            self._read(list(self._versions), version)
            self._confirmed_at = now
        except SQLAlchemyError:
            self._versions = dict.fromkeys(self._versions)  # the next request tries again, and deals with the fault
        finally:
            self._lock.release()

    def _read(self, parts: Sequence[ReplicaPart], version: Version) -> None:
        if parts:
            with self._session_factory() as db:
                for part in parts:
                    part.read(db)
        self._versions |= dict.fromkeys(parts, version)

    def seconds_since_confirmed(self) -> float:
        """Seconds since the parts were last known to be what the database has; infinite before the first time."""
        return time.monotonic() - self._confirmed_at

    def close(self) -> None:
        """Close the connection; the next refresh opens another."""
        self._detector.close()
