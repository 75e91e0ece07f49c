"""Passwords: their rules, their hashes, and how many are hashed at once.

Sources: OWASP Password Storage Cheat Sheet (scrypt N=2^15, r=8, p=3), NIST SP 800-63B section 5.1.1.2.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.security import check_password_hash, generate_password_hash
from zxcvbn import zxcvbn

from daypass.errors import Busy, WeakPassword

METHOD = "scrypt:32768:8:3"
SHORTEST, LONGEST = 8, 128  # characters
GOOD_SCORE = 3  # of 4: "safely unguessable" in zxcvbn's words
OWN_WORDS = ("daypass",)

# The hash of a password that nobody has: what an unknown name is checked against, at the same cost.
NOBODY = (
    "scrypt:32768:8:3$8CPuf8QHMsGgeSUt$"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
)


def is_possible(password: str) -> bool:
    """Whether this text can be anybody's password: not too long, and Unicode (JSON can hold lone surrogates).

    Cheap, so it comes before anything is hashed.
    """
    return len(password) <= LONGEST and not any("\ud800" <= character <= "\udfff" for character in password)


def check_strength(password: str, username: str) -> None:
    """Raise WeakPassword, with advice, for a new password that is short, long or easily guessed.

    The password is judged as typed: nothing is trimmed, folded or normalised, and no kinds of characters are asked for.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword([f"A password has {SHORTEST} to {LONGEST} characters."])
    if not is_possible(password):
        raise WeakPassword(["A password is Unicode text."])
    verdict = zxcvbn(password, user_inputs=[username, *OWN_WORDS], max_length=LONGEST)
    if verdict["score"] < GOOD_SCORE:
        warning, suggestions = verdict["feedback"]["warning"], verdict["feedback"]["suggestions"]
        raise WeakPassword(["This password is easy to guess.", *filter(None, [warning]), *suggestions])


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made by another method or at another cost than today's."""
    return not stored.startswith(f"{METHOD}$")


class Hasher:
    """Hashes and verifies, a bounded number at once: the rest queue briefly, and what does not fit is told to wait.

    slots: hashes at once (each holds 32 MiB and a core); queue: how many may wait; patience: seconds that one may wait.
    """

    def __init__(self, slots: int, queue: int, patience: float = 5.0) -> None:
        self._slots = threading.BoundedSemaphore(slots)
        self._places = threading.BoundedSemaphore(slots + queue)
        self._patience = patience

    def hash(self, password: str) -> str:
        """The salted hash of a password, as text. Raises Busy."""
        with self._slot():
            return generate_password_hash(password, method=METHOD)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits; `None` (an unknown name) costs the same and never fits. Raises Busy."""
        with self._slot():
            fits = check_password_hash(stored or NOBODY, password)
        return fits and stored is not None

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Busy("the queue for password hashing is full")
        try:
            if not self._slots.acquire(timeout=self._patience):
                raise Busy("waited too long for a password hash")
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._places.release()
