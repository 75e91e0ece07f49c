"""Which sessions have ended: a set in memory, fed from the database when the database has changed."""

import sqlite3
import threading
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.database import Watch
from daypass.errors import Fault, InvalidToken, Unavailable
from daypass.models import AuthSession, database_now

# A transaction may commit after one that began later: rows are read again for as long as one may take.
OVERLAP = timedelta(seconds=60)


class Revocations:
    """The ended sessions of which a token could still be live. One object for a process, for all its threads."""

    def __init__(self, sessions: sessionmaker[Session], watch: Watch) -> None:
        self._sessions = sessions
        self._watch = watch
        self._lock = threading.Lock()
        self._version: int | None = None
        self._read_at: datetime | None = None
        self._ended: set[str] = set()

    def check(self, session_id: str) -> None:
        """Raise InvalidToken for an ended session, in whichever process it was ended; no query unless data changed.

        Raises Unavailable where the database cannot be asked: rather shut than wrong (ASVS 16.5.3).
        """
        try:
            self._refresh()
        except (sqlite3.Error, SQLAlchemyError) as error:
            raise Unavailable(f"revocations cannot be read: {type(error).__name__}") from error
        if session_id in self._ended:
            raise InvalidToken("session ended", Fault.ENDED)

    def close(self) -> None:
        """Let go of the connection; the next check opens another."""
        self._watch.close()

    def _refresh(self) -> None:
        if self._watch.version() == self._version:
            return
        with self._lock:
            version = self._watch.version()  # before the rows: a commit in between is seen at the next request
            if version != self._version:
                self._read()
                self._version = version

    def _read(self) -> None:
        with self._sessions() as db:
            moment = db.scalar(select(database_now()))
            ended = select(AuthSession.id).where(AuthSession.ended_at.is_not(None), AuthSession.expires_at > moment)
            if self._read_at is not None:
                ended = ended.where(AuthSession.ended_at >= self._read_at - OVERLAP)
            self._ended.update(db.scalars(ended))
        self._read_at = moment
