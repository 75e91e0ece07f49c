"""Which sessions have ended: a set in memory, fed from the database when the database has changed."""

import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.errors import Fault, InvalidToken, Unavailable
from daypass.models import AuthSession, database_now
from daypass.watch import Version, Watch

# A transaction may commit after one that began later: rows are read again for as long as one may take.
OVERLAP = timedelta(seconds=60)
TRY_AGAIN = 0.5  # seconds between attempts while the database cannot be asked
PATIENCE = 1.0  # seconds that a request waits for another one's reading
FORGET_EVERY = 3600  # seconds


class Revocations:
    """The ended sessions of which a token could still be live. One object for a process, for all its threads.

    grace: for how many seconds the set may be used when the database cannot be asked whether it is still right.
    """

    def __init__(self, sessions: sessionmaker[Session], watch: Watch, grace: int) -> None:
        self._sessions = sessions
        self._watch = watch
        self._grace = grace
        self._lock = threading.Lock()
        self._version: Version | None = None
        self._read_at: datetime | None = None  # by the database's clock
        self._sure_at = float("-inf")  # from here on by this process's own, monotonic one
        self._failed_at = float("-inf")
        self._forgot_at = time.monotonic()
        self._ended: dict[str, float] = {}  # and when the last token of each ends, in seconds since 1970

    def check(self, session_id: str) -> None:
        """Raise InvalidToken for an ended session, in whichever process it was ended; no query unless data changed.

        Raises Unavailable once the database could not be asked for longer than the grace: rather shut than wrong
        (ASVS 16.5.3).
        """
        self.refresh()
        if session_id in self._ended:
            raise InvalidToken("session ended", Fault.ENDED)

    def note(self, session_id: str, expires_at: datetime) -> None:
        """Refuse a session that this process has just ended, even if the database cannot be read from now on."""
        self._ended[session_id] = expires_at.timestamp()

    def refresh(self) -> None:
        """Bring the set up to date, or raise Unavailable where it is older than the grace."""
        now = time.monotonic()
        try:
            if self._failed_lately(now):
                self._rely_on_grace(now)
            elif self._watch.version() == self._version:
                self._sure_at = now
            else:
                self._read_in_one_thread(now)
        except (sqlite3.Error, SQLAlchemyError) as error:
            self._failed_at = time.monotonic()
            self._watch.close()
            self._rely_on_grace(now, error)

    def _failed_lately(self, now: float) -> bool:
        return now - self._failed_at < TRY_AGAIN

    def _rely_on_grace(self, now: float, error: Exception | None = None) -> None:
        if now - self._sure_at > self._grace:
            raise Unavailable("revocations cannot be read") from error

    def _read_in_one_thread(self, now: float) -> None:
        """One thread reads, and those that come meanwhile wait for it, though not for a database that hangs."""
        if not self._lock.acquire(timeout=PATIENCE):
            return self._rely_on_grace(now)
        try:
            version = self._watch.version()  # before the rows: a commit in between is seen at the next request
            if self._failed_lately(time.monotonic()):
                self._rely_on_grace(now)
            else:
                if version != self._version:
                    self._read()
                self._version, self._sure_at = version, now
        finally:
            self._lock.release()

    def _read(self) -> None:
        """Take in what ended since the last time, and for the first time what ended at all."""
        with self._sessions() as db:
            moment = db.scalars(select(database_now())).one()
            ended = select(AuthSession.id, AuthSession.expires_at).where(AuthSession.ended_at.is_not(None))
            ended = ended.where(AuthSession.expires_at > moment - OVERLAP)
            if self._read_at is not None and moment >= self._read_at:  # after a clock set back all is read again
                ended = ended.where(AuthSession.ended_at >= self._read_at - OVERLAP)
            for session_id, ends in db.execute(ended.execution_options(yield_per=1000)):
                self._ended[session_id] = ends.timestamp()
        self._read_at = moment
        if time.monotonic() - self._forgot_at > FORGET_EVERY:
            self.forget(datetime.now(UTC))

    def forget(self, now: datetime) -> None:
        """Drop the sessions of which no token can be live any more, by whatever node's clock."""
        self._forgot_at = time.monotonic()
        still = (now - OVERLAP).timestamp()
        for session_id, ends in list(self._ended.items()):
            if ends <= still:
                self._ended.pop(session_id, None)

    def close(self) -> None:
        """Let go of the connection; the next check opens another."""
        self._watch.close()

    def __len__(self) -> int:
        return len(self._ended)
