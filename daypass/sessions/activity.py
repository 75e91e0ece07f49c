"""The last activity of sessions: noted in memory at a request, and written to the database in batches."""

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.models import AuthSession
from daypass.database.transactions import write_transaction
from daypass.sessions.intervals import ACTIVITY_INTERVAL
from daypass.sessions.kinds import API_TOKEN
from daypass.tokens.claims import Claims
from daypass.tokens.purposes import API

FLUSH_SECONDS = 3.0  # a crash loses what was noted in this time
BATCH = 500  # sessions per statement
MAX_NOTED = 100_000  # sessions; when more are noted, all are forgotten, which writes each once more

NEVER = datetime.min.replace(tzinfo=UTC)

log = logging.getLogger("daypass")


class Activity:
    """One object per process, shared by all threads.

    The first note after a write starts a timer, whose thread writes everything that was noted until then.
    """

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._session_factory = session_factory
        self._lock = threading.Lock()
        self._noted: dict[str, datetime] = {}  # by session id: when its activity was last noted
        self.unwritten: list[str] = []  # ids of sessions
        self._timer: threading.Timer | None = None

    def note(self, claims: Claims, now: datetime) -> None:
        """Note that a session was used, at most every five minutes.

        The first five minutes after its token was issued do not count, except for an API token: its owner wants to see
        whether it was ever used.
        """
        last = self._noted.get(claims.session_id) or (NEVER if claims.purpose == API else claims.issued_at)
        if now - last >= ACTIVITY_INTERVAL:
            self._add(claims.session_id, now)

    def _add(self, session_id: str, now: datetime) -> None:
        with self._lock:
            if len(self._noted) >= MAX_NOTED:
                self._noted.clear()
            self._noted[session_id] = now
            self.unwritten.append(session_id)
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write what was noted, in one transaction. A failure is only logged."""
        with self._lock:
            session_ids, self.unwritten, self._timer = self.unwritten, [], None
        if not session_ids:
            return
        try:
            with self._session_factory() as db, write_transaction(db):
                record_activity(db, session_ids, datetime.now(UTC))
        except SQLAlchemyError:
            log.warning("the last activity of %d sessions could not be recorded", len(session_ids), exc_info=True)

    def count(self) -> int:
        """How many sessions' notes are in memory."""
        return len(self._noted)

    def close(self) -> None:
        """Write what was noted, because the process or the command ends."""
        timer = self._timer
        if timer is not None:
            timer.cancel()
        self.flush()


def record_activity(db: Session, session_ids: Sequence[str], now: datetime) -> None:
    """Write the time, except for sessions for which another process has done so in the last five minutes."""
    is_unused = (AuthSession.kind == API_TOKEN) & (AuthSession.last_seen_at == AuthSession.created_at)
    is_due = is_unused | (AuthSession.last_seen_at < now - ACTIVITY_INTERVAL)
    for start in range(0, len(session_ids), BATCH):
        noted = AuthSession.id.in_(session_ids[start : start + BATCH])
        used = update(AuthSession).where(noted, is_due)
        db.execute(used.values(last_seen_at=now))
