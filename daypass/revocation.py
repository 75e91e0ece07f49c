"""Which sessions have ended: a set in memory, a mirror of the database."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.errors import Fault, InvalidToken
from daypass.mirror import Mirror
from daypass.models import AuthSession, database_now

# A transaction may commit after one that began later: rows are read again for as long as one may take.
OVERLAP = timedelta(seconds=60)
FORGET_EVERY = 3600  # seconds


class Revocations:
    """The ended sessions of which a token could still be live."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._read_at: datetime | None = None  # by the database's clock
        self._forgot_at = time.monotonic()
        self._ended: dict[str, float] = {}  # and when the last token of each ends, in seconds since 1970
        mirror.add(self)

    def check(self, session_id: str) -> None:
        """Raise InvalidToken for an ended session, in whichever process it was ended; no query unless data changed.

        Raises Unavailable where that can no longer be told.
        """
        self._mirror.refresh()
        if session_id in self._ended:
            raise InvalidToken("session ended", Fault.ENDED)

    def note(self, session_id: str, expires_at: datetime) -> None:
        """Refuse a session that this process has just ended, even if the database cannot be read from now on."""
        self._ended[session_id] = expires_at.timestamp()

    def read(self, db: Session) -> None:
        """Take in what ended since the last time, and for the first time what ended at all."""
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

    def __len__(self) -> int:
        return len(self._ended)
