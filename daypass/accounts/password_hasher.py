"""Hash and verify passwords, a limited number at once.

Sources: OWASP Password Storage Cheat Sheet (scrypt N=2^15, r=8, p=3), NIST SP 800-63B section 5.1.1.2.
"""

from copy import copy
from typing import Self

from werkzeug.security import check_password_hash, generate_password_hash

from daypass.accounts.passwords import check_form, check_strength
from daypass.throttling.fair_queue import FairQueue, queue_owner

METHOD = "scrypt:32768:8:3"

# A hash that no password matches. Unknown names are checked against it, so that they take as long as known ones.
DUMMY_HASH = (
    "scrypt:32768:8:3$8CPuf8QHMsGgeSUt$"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
)


def needs_rehash(stored: str) -> bool:
    """Whether the hash was created with another method or other parameters than METHOD."""
    return not stored.startswith(f"{METHOD}$")


class PasswordHasher:
    """Hashes and verifies a limited number of passwords at once. Others queue briefly, or are rejected with Busy.

    slots: hashes at once, each of which takes 32 MiB and a core. queue: how many may wait. patience: for how many
    seconds.
    """

    def __init__(self, slots: int, queue: int, patience: float = 5.0) -> None:
        self._queue = FairQueue(slots, queue, patience)
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
            check_strength(password, username)
            return generate_password_hash(password, METHOD)

    def hash(self, password: str) -> str:
        """Hash a password with a random salt. Raises Busy."""
        with self._queue.slot(self._owner):
            return generate_password_hash(password, METHOD)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password matches. None (an unknown name) takes as long and never matches. Raises Busy."""
        with self._queue.slot(self._owner):
            matches = check_password_hash(stored or DUMMY_HASH, password)
        return matches and stored is not None
