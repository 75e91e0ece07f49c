"""Work that is done at most once per session and interval, rather than at each request."""

import threading
from datetime import datetime, timedelta

ACTIVITY_INTERVAL = timedelta(minutes=5)  # between writes of a session's last activity
RENEWAL_INTERVAL = timedelta(minutes=1)  # between renewals of a session, so that parallel requests renew it once


class SessionInterval:
    """When this process last did the work for each session. Cleared when full, which repeats the work once each."""

    def __init__(self, interval: timedelta, max_sessions: int = 10_000) -> None:
        self._interval = interval
        self._max_sessions = max_sessions
        self._lock = threading.Lock()
        self._done_at: dict[str, datetime] = {}

    def claim(self, session_id: str, now: datetime, since: datetime | None = None) -> bool:
        """Whether the interval has passed; if so, start it again. Only one of several threads gets True.

        since: the time of the last work, for a session that this process has not recorded.
        """
        with self._lock:
            last = self._done_at.get(session_id, since)
            if last is not None and now - last < self._interval:
                return False
            if len(self._done_at) >= self._max_sessions:
                self._done_at.clear()
            self._done_at[session_id] = now
            return True
