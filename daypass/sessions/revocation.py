"""The ended sessions, held in memory and read from the database."""

import time
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, event, select, true
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.change_detector import CLOCK_TOLERANCE
from daypass.database.models import DATABASE_TIME, AuthSession
from daypass.database.replica import Replica
from daypass.sessions.ended import ENDED
from daypass.tokens.cache import CONFIRM_SECONDS, VerifiedTokenCache
from daypass.tokens.errors import InvalidToken, TokenFault

# A transaction may commit after one that began later, so rows from this long before the last read are read again.
OVERLAP = timedelta(seconds=60)
FORGET_EVERY = 3600  # seconds
MAX_LISTED = 500  # sessions that a query names one by one

# Statements are built once, which takes longer than running them.
RECENT = select(AuthSession.id).where(AuthSession.ended_at >= bindparam("since"))
WITH_LIVE_TOKEN = select(AuthSession.id, AuthSession.created_at, AuthSession.expires_at).where(
    AuthSession.ended_at.is_not(None), AuthSession.expires_at > bindparam("earliest")
)


class Revocations:
    """The ended sessions that may still have an unexpired token.

    A corrected system clock must not make an ended session valid again, so entries expire by the monotonic clock. An
    entry is kept for the whole lifetime of the session's tokens, counted from the read, and at least until the last
    token expires by the database's clock. It is also kept for as long as a token may stay in `VerifiedTokenCache`, so
    that a token whose session was removed here is confirmed against the database again, and rejected there.

    If the database's clock and the monotonic clock disagree about the time since the last read, a clock was changed.
    Then all ended sessions are read again, and entries are extended, never shortened. The cache of verified tokens is
    cleared too, since maintenance may have deleted rows while the clock was wrong.
    """

    def __init__(self, replica: Replica, cache: VerifiedTokenCache, session_factory: sessionmaker[Session]) -> None:
        self._cache = cache
        self._read_at: datetime | None = None  # by the database's clock
        self._read_at_monotonic = 0.0  # the same moment by the monotonic clock
        self._forgot_at = time.monotonic()
        self._ended: dict[str, float] = {}  # by session id: the monotonic time until which it is kept
        replica.add(self)
        event.listen(session_factory, "after_commit", self._note_ended)
        event.listen(session_factory, "after_rollback", _discard_ended)

    def check(self, session_id: str) -> None:
        """Raise InvalidToken if the session ended before the last refresh of the replica, or in this process."""
        if session_id in self._ended:
            raise InvalidToken("session ended", TokenFault.ENDED)

    def _note_ended(self, db: Session) -> None:
        """Reject the sessions that this process has just ended, even if the database becomes unreachable."""
        monotonic_now = time.monotonic()
        for ended in db.info.pop(ENDED, []):
            self._keep(ended.session_id, monotonic_now, life=ended.max_lifetime, left=timedelta(0))

    def read(self, db: Session) -> None:
        """Read the sessions that ended since the last read; all of them at first, and after a clock change."""
        moment, monotonic_now = db.scalars(DATABASE_TIME).one(), time.monotonic()
        since = self._since(moment, monotonic_now)
        if since is None:
            self._cache.clear()
        which = true() if since is None else self._are_new(db, since)
        if which is not None:
            ended = WITH_LIVE_TOKEN.where(which).execution_options(yield_per=1000)
            for session_id, created_at, expires_at in db.execute(ended, {"earliest": moment - OVERLAP}):
                self._keep(session_id, monotonic_now, life=expires_at - created_at, left=expires_at - moment)
        self._read_at, self._read_at_monotonic = moment, monotonic_now
        if monotonic_now - self._forgot_at > FORGET_EVERY:
            self.forget(monotonic_now)

    def _are_new(self, db: Session, since: datetime) -> ColumnElement[bool] | None:
        """Matches the sessions that ended since then and are not known yet. If they are many, known ones too.

        None if there is none.
        """
        new = [found for found in db.scalars(RECENT, {"since": since}) if found not in self._ended]
        if len(new) > MAX_LISTED:
            return AuthSession.ended_at >= since
        return AuthSession.id.in_(new) if new else None

    def _since(self, moment: datetime, monotonic_now: float) -> datetime | None:
        """The time from which ended sessions are read; None for all of them.

        All are read if the last read was more than a minute ago, since a clock may have been changed and changed back.
        """
        passed = monotonic_now - self._read_at_monotonic
        if self._read_at is None or passed > OVERLAP.total_seconds():
            return None
        if abs((moment - self._read_at).total_seconds() - passed) > CLOCK_TOLERANCE:
            return None
        return self._read_at - OVERLAP

    def _keep(self, session_id: str, monotonic_now: float, *, life: timedelta, left: timedelta) -> None:
        least = max(life.total_seconds(), CONFIRM_SECONDS)
        until = self._ended.get(session_id, monotonic_now + (OVERLAP.total_seconds() + least))
        self._ended[session_id] = max(until, monotonic_now + (left + OVERLAP).total_seconds())

    def forget(self, monotonic_now: float) -> None:
        """Remove the sessions that need not be kept after this monotonic time."""
        self._forgot_at = monotonic_now
        for session_id, until in list(self._ended.items()):
            if until <= monotonic_now:
                self._ended.pop(session_id, None)

    def __len__(self) -> int:
        return len(self._ended)


def _discard_ended(db: Session) -> None:
    db.info.pop(ENDED, None)
