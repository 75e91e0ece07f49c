"""Which sessions have ended: a set in memory, a mirror of the database."""

import time
from datetime import datetime, timedelta

from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.change_detector import CLOCK_TOLERANCE
from daypass.database.models import AuthSession, database_now
from daypass.database.replica import Replica
from daypass.sessions.ended import ENDED
from daypass.tokens.cache import CONFIRM_SECONDS, VerifiedTokenCache
from daypass.tokens.errors import InvalidToken, TokenFault

# A transaction may commit after one that began later: rows are read again for as long as one may take.
OVERLAP = timedelta(seconds=60)
FORGET_EVERY = 3600  # seconds


class Revocations:
    """The ended sessions of which a token could still be live.

    A clock that was wrong and is set right must revive none of them, so none is forgotten by a clock that can be set.
    When an end is read, the monotonic time is computed until which it is kept: at least for the whole life of its
    tokens, since no session ends before it begins, whatever the clock says at that moment; and for as long as the
    database's clock gives the last token. That is also no shorter than a token is remembered (`VerifiedTokenCache`), so
    whatever is forgotten here is refused by the session's row, or for lack of one.

    Where the database's clock and the monotonic one disagree about the time since the last reading, one was set. Then
    everything is read again, and what is kept is kept for longer, never for less. The tokens that are remembered are
    cleared as well, since housekeeping may have deleted rows by the wrong clock.
    """

    def __init__(self, replica: Replica, cache: VerifiedTokenCache, session_factory: sessionmaker[Session]) -> None:
        self._cache = cache
        self._read_at: datetime | None = None  # by the database's clock
        self._read_here = 0.0  # the same moment by the monotonic one
        self._forgot_at = time.monotonic()
        self._ended: dict[str, float] = {}  # and until which monotonic time each is kept
        replica.add(self)
        event.listen(session_factory, "after_commit", self._note_ended)
        event.listen(session_factory, "after_rollback", _discard_ended)

    def check(self, session_id: str) -> None:
        """Raise InvalidToken for a session that had ended at the last refresh of the replica, or was ended here."""
        if session_id in self._ended:
            raise InvalidToken("session ended", TokenFault.ENDED)

    def _note_ended(self, db: Session) -> None:
        """Refuse the sessions that this process has just ended, even if the database cannot be read from now on."""
        here = time.monotonic()
        for ended in db.info.pop(ENDED, []):
            self._keep(ended.session_id, here, life=ended.max_lifetime, left=timedelta(0))

    def read(self, db: Session) -> None:
        """Take in what ended since the last time, or all that ended: for the first time, and after a clock was set."""
        moment, here = db.scalars(select(database_now())).one(), time.monotonic()
        ended = select(AuthSession.id, AuthSession.created_at, AuthSession.expires_at)
        ended = ended.where(AuthSession.ended_at.is_not(None), AuthSession.expires_at > moment - OVERLAP)
        since = self._since(moment, here)
        if since is None:
            self._cache.clear()
        else:
            ended = ended.where(AuthSession.ended_at >= since)
        for session_id, began, ends in db.execute(ended.execution_options(yield_per=1000)):
            self._keep(session_id, here, life=ends - began, left=ends - moment)
        self._read_at, self._read_here = moment, here
        if here - self._forgot_at > FORGET_EVERY:
            self.forget(here)

    def _since(self, moment: datetime, here: float) -> datetime | None:
        """From when on the ends are read; None for all of them.

        After more than a minute without a reading it is all, since a clock may have been set and set back meanwhile.
        """
        passed = here - self._read_here
        if self._read_at is None or passed > OVERLAP.total_seconds():
            return None
        if abs((moment - self._read_at).total_seconds() - passed) > CLOCK_TOLERANCE:
            return None
        return self._read_at - OVERLAP

    def _keep(self, session_id: str, here: float, *, life: timedelta, left: timedelta) -> None:
        least = max(life.total_seconds(), CONFIRM_SECONDS)
        until = self._ended.get(session_id, here + (OVERLAP.total_seconds() + least))
        self._ended[session_id] = max(until, here + (left + OVERLAP).total_seconds())

    def forget(self, here: float) -> None:
        """Drop the sessions that need not be kept any more at this monotonic time."""
        self._forgot_at = here
        for session_id, until in list(self._ended.items()):
            if until <= here:
                self._ended.pop(session_id, None)

    def __len__(self) -> int:
        return len(self._ended)


def _discard_ended(db: Session) -> None:
    db.info.pop(ENDED, None)
