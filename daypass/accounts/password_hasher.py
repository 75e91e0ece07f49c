"""Hash and verify passwords, a limited number at once.

Sources: OWASP Password Storage Cheat Sheet (scrypt N=2^15, r=8, p=3), NIST SP 800-63B section 5.1.1.2.
"""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import ParamSpec, Self, TypeVar

from daypass.accounts.breached_passwords import BreachCheck
from daypass.accounts.errors import WeakPassword
from daypass.accounts.foreign_hashes import check_password_hash
from daypass.accounts.passwords import check_form, check_strength
from daypass.throttling.fair_queue import FairQueue, QueueState, queue_owner

P = ParamSpec("P")
R = TypeVar("R")

METHOD = "scrypt:32768:8:3"
NICENESS = 10  # added to that of the process
THREAD_NAME = "password hash"
BREACHED = "This password was found in a data breach, so guessers try it early. Choose another one."

# A hash that no password matches. Unknown names are checked against it, so that they take as long as known ones.
DUMMY_HASH = (
    "scrypt:32768:8:3$8CPuf8QHMsGgeSUt$"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
)


def needs_rehash(stored: str) -> bool:
    """Whether the hash was created with another method or other parameters than METHOD."""
    return not stored.startswith(f"{METHOD}$")


def generate_password_hash(password: str, method: str) -> str:
    """Werkzeug's, imported when the first password is hashed, since Werkzeug also imports its development server."""
    from werkzeug import security

    return security.generate_password_hash(password, method)


class PasswordHasher:
    """Hashes and verifies a limited number of passwords at once. Others queue briefly, or are rejected with Busy.

    Threads of lower priority do it, so that requests without a password go first when many people sign in.

    slots: hashes at once, each of which takes 32 MiB and a core. queue: how many may wait. patience: for how many
    seconds. reserved: how many more may wait that come from known devices. is_breached: whether a new password is known
    from a data breach. elsewhere: checks in another system at once.
    """

    def __init__(
        self,
        slots: int,
        queue: int,
        patience: float = 5.0,
        reserved: int = 0,
        is_breached: BreachCheck | None = None,
        elsewhere: int = 1,
    ) -> None:
        self._queue = FairQueue(slots, queue, patience, reserved)
        self._elsewhere = FairQueue(elsewhere, waiting=elsewhere, patience=patience)
        self._threads = ThreadPoolExecutor(thread_name_prefix=THREAD_NAME, initializer=_lower_priority)
        self._is_breached = is_breached
        self._owner: str | None = None
        self._known = False

    def for_client(self, address: str | None, device_id: str | None = None) -> Self:
        """The same hasher for a client, which gets no more than its share of the queue.

        address: of the client. device_id: that its browser has presented; such clients have places of their own.
        """
        same = copy(self)
        same._owner = f"device {device_id}" if device_id else queue_owner(address)
        same._known = device_id is not None
        return same

    def check_room(self) -> None:
        """Raise Busy if the queue is full. Cheap: call it before querying the database."""
        self._queue.check_room(self._owner, known=self._known)

    def queue_state(self) -> QueueState:
        """How many hashes run and wait, and the totals since the start."""
        return self._queue.state()

    def hash_new(self, password: str, username: str) -> str:
        """Check and hash a new password for this account. Raises WeakPassword or Busy."""
        check_form(password)
        if self._is_breached is not None and self._is_breached(password):
            raise WeakPassword([BREACHED])
        with self._queue.slot(self._owner, known=self._known):
            check_strength(password, username)
            return self._run(generate_password_hash, password, METHOD)

    def rate(self, password: str, username: str) -> int:
        """The score of a new password as `hash_new` would check it, without the lists of breached ones.

        From 3 to 4. Raises WeakPassword or Busy.
        """
        check_form(password)
        with self._queue.slot(self._owner, known=self._known):
            return check_strength(password, username)

    def hash(self, password: str) -> str:
        """Hash a password with a random salt. Raises Busy."""
        with self._queue.slot(self._owner, known=self._known):
            return self._run(generate_password_hash, password, METHOD)

    def ask_elsewhere(self, check: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function that checks a password in another system, in this thread.

        It has a queue of its own, so that hashes do not wait for a slow system. Raises Busy, and what `check` raises.
        """
        with self._elsewhere.slot(self._owner, known=self._known):
            return check(*args, **kwargs)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password matches. None (an unknown name) takes as long and never matches. Raises Busy."""
        with self._queue.slot(self._owner, known=self._known):
            matches = self._run(check_password_hash, stored or DUMMY_HASH, password)
        return matches and stored is not None

    def _run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return self._threads.submit(work, *args, **kwargs).result()


def _lower_priority() -> None:
    """Lower the priority of this thread. Only Linux has one per thread; elsewhere it is that of the process."""
    if sys.platform == "linux":
        os.nice(NICENESS)
