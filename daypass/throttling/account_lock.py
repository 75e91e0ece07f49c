"""A per-process lock for work that is too expensive to run for several accounts at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from daypass.throttling.errors import Busy

WAIT_SECONDS = 5.0  # seconds
MAX_WAITING = 2  # accounts; each of them blocks a server thread
MESSAGE = "Another request is still running. Try again in a few seconds."


class AccountLock:
    """Per-process lock. A few accounts may wait; a second request by the same account is rejected, not queued."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guard = threading.Lock()
        self._accounts: set[str] = set()

    @contextmanager
    def hold(self, account_id: str) -> Iterator[None]:
        """Hold the lock while the block runs. Raises Busy."""
        with self._guard:
            if account_id in self._accounts or len(self._accounts) > MAX_WAITING:
                raise Busy("another request holds the lock", message=MESSAGE)
            self._accounts.add(account_id)
        try:
            if not self._lock.acquire(timeout=WAIT_SECONDS):
                raise Busy("another request holds the lock", message=MESSAGE)
            try:
                yield
            finally:
                self._lock.release()
        finally:
            self._accounts.discard(account_id)
