"""Hash and verify passwords, a limited number at once.

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
NICENESS = 5  # of the hashing threads: they get a third of the CPU time of a thread that serves a page

# A hash that no password matches. Unknown names are checked against it, so that they take as long as known ones.
DUMMY_HASH = (
    "scrypt:32768:8:3$8CPuf8QHMsGgeSUt$"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
)


def needs_rehash(stored: str) -> bool:
    """Whether the hash was created with another method or other parameters than METHOD."""
    return not stored.startswith(f"{METHOD}$")


def _lower_priority() -> None:
    """Lower this thread's priority. Only Linux has priorities per thread, and a sandbox may forbid the change."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class PasswordHasher:
    """Hashes and verifies a limited number of passwords at once. Others queue briefly, or are rejected with Busy.

    slots: hashes at once, each of which takes 32 MiB and a core. queue: how many may wait. patience: for how many
    seconds. Hashing threads have a lower priority than those that serve pages.
    """

    def __init__(self, slots: int, queue: int, patience: float = 5.0) -> None:
        self._queue = FairQueue(slots, queue, patience)
        self._threads = ThreadPoolExecutor(slots, "password hash", initializer=_lower_priority)
        self._owner: str | None = None

    def for_address(self, address: str | None) -> Self:
        """The same hasher for a client at this address, which gets no more than its share of the queue."""
        same = copy(self)
        same._owner = queue_owner(address)
        return same

    def check_room(self) -> None:
        """Raise Busy if the queue is full. Cheap: call it before querying the database."""
        self._queue.check_room(self._owner)

    def hash_new(self, password: str, username: str) -> str:
        """Check and hash a new password for this account. Raises WeakPassword or Busy."""
        check_form(password)
        with self._queue.slot(self._owner):
            self._threads.submit(check_strength, password, username).result()
            return self._threads.submit(generate_password_hash, password, METHOD).result()

    def hash(self, password: str) -> str:
        """Hash a password with a random salt. Raises Busy."""
        with self._queue.slot(self._owner):
            return self._threads.submit(generate_password_hash, password, METHOD).result()

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password matches. None (an unknown name) takes as long and never matches. Raises Busy."""
        with self._queue.slot(self._owner):
            matches = self._threads.submit(check_password_hash, stored or DUMMY_HASH, password).result()
        return matches and stored is not None
