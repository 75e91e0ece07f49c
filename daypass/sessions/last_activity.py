"""When each session was last seen: written to the database now and then, not at each request."""

import threading
from datetime import datetime, timedelta

WRITE_INTERVAL = timedelta(minutes=5)


class LastActivity:
    """When this process last wrote that a session was seen; forgets all when it is full, which costs a write each."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._written: dict[str, datetime] = {}

    def is_due(self, session_id: str, issued_at: datetime, now: datetime) -> bool:
        """Whether five minutes have passed, and if so count from now on: of several threads one is told yes."""
        with self._lock:
            if now - self._written.get(session_id, issued_at) < WRITE_INTERVAL:
                return False
            if len(self._written) >= self._most:
                self._written.clear()
            self._written[session_id] = now
            return True
