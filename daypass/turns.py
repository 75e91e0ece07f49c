"""One at a time: what costs a process too much to be done by everybody at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from daypass.errors import Busy

PATIENCE = 5.0  # seconds that one person waits for another
MOST_WAITING = 2  # people: each holds a thread of the server, and other pages need some
SENTENCE = "One at a time, please. Try again in a few seconds."


class Turns:
    """Lets one person at a time do something in a process, a few others wait for it, and nobody wait for it twice."""

    def __init__(self) -> None:
        self._place = threading.Lock()
        self._guard = threading.Lock()
        self._people: set[str] = set()

    @contextmanager
    def of(self, account_id: str) -> Iterator[None]:
        """Hold the place while the block runs. Raises Busy."""
        with self._guard:
            if account_id in self._people or len(self._people) > MOST_WAITING:
                raise Busy("not one's turn", sentence=SENTENCE)
            self._people.add(account_id)
        try:
            if not self._place.acquire(timeout=PATIENCE):
                raise Busy("not one's turn", sentence=SENTENCE)
            try:
                yield
            finally:
                self._place.release()
        finally:
            self._people.discard(account_id)
