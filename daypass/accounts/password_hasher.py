"""Passwords: their rules, their hashes, and how many are hashed at once.

Sources: OWASP Password Storage Cheat Sheet (scrypt N=2^15, r=8, p=3), NIST SP 800-63B section 5.1.1.2.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from typing import Self

from werkzeug.security import check_password_hash, generate_password_hash

from daypass.accounts.passwords import check_form, check_strength
from daypass.throttling.fair_queue import FairQueue, queue_owner

METHOD = "scrypt:32768:8:3"
NICENESS = 5  # niceness of the threads that hash: they get a third of the CPU time that a gated page's thread gets

# The hash of a password that nobody has: what an unknown name is checked against, at the same cost.
DUMMY_HASH = (
    "scrypt:32768:8:3$8CPuf8QHMsGgeSUt$"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
)


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made by another method or at another cost than today's."""
    return not stored.startswith(f"{METHOD}$")


def _lower_priority() -> None:
    """Let this thread give way to others. Linux alone has priorities for single threads; a sandbox may deny them."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class PasswordHasher:
    """Hashes and verifies, a bounded number at once: the rest queue briefly, and what does not fit is told to wait.

    slots: hashes at once (each holds 32 MiB and a core); queue: how many may wait; patience: seconds that one may wait.
    Hashes run in threads of a lower priority, so that gated pages find a processor first.
    """

    def __init__(self, slots: int, queue: int, patience: float = 5.0) -> None:
        self._queue = FairQueue(slots, queue, patience)
        self._threads = ThreadPoolExecutor(slots, "password hash", initializer=_lower_priority)
        self._owner: str | None = None

    def for_address(self, address: str | None) -> Self:
        """The same hasher, for work that a client at this address asks for: it gets no more than its share."""
        same = copy(self)
        same._owner = queue_owner(address)
        return same

    def check_room(self) -> None:
        """Raise Busy if there is no room in the queue now: cheap, for before the database is asked for the hash."""
        self._queue.check_room(self._owner)

    def hash_new(self, password: str, username: str) -> str:
        """The hash of a new password for this account, as text. Raises WeakPassword or Busy."""
        check_form(password)
        with self._queue.slot(self._owner):
            self._threads.submit(check_strength, password, username).result()
            return self._threads.submit(generate_password_hash, password, METHOD).result()

    def hash(self, password: str) -> str:
        """The salted hash of a password, as text. Raises Busy."""
        with self._queue.slot(self._owner):
            return self._threads.submit(generate_password_hash, password, METHOD).result()

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits; `None` (an unknown name) costs the same and never fits. Raises Busy."""
        with self._queue.slot(self._owner):
            fits = self._threads.submit(check_password_hash, stored or DUMMY_HASH, password).result()
        return fits and stored is not None
