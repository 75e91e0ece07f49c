"""Passwords: their rules, their hashes, and how many are hashed at once.

Sources: OWASP Password Storage Cheat Sheet (scrypt N=2^15, r=8, p=3), NIST SP 800-63B section 5.1.1.2.
"""

import math
import os
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from typing import Self

from werkzeug.security import check_password_hash, generate_password_hash
from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE, relevant_l33t_subtable

from daypass.errors import WeakPassword
from daypass.fair_queue import FairQueue, owner

METHOD = "scrypt:32768:8:3"
SHORTEST, LONGEST = 8, 128  # characters
GOOD_SCORE = 3  # of 4: "safely unguessable" in zxcvbn's words
NICE = 5  # niceness of the threads that hash: they get a third of the CPU time that a gated page's thread gets
OWN_WORDS = ("daypass",)
LONG = 48  # characters: above, repetitions are shortened before the strength is estimated
REPETITION = re.compile(r"(.{1,3}?)\1{7,}|(.{4,}?)\2{2,}", re.DOTALL)  # long enough to be no part of a word or date
NOTHING_ELSE = re.compile(r"(.+?)\1+", re.DOTALL)
MOST_SUBSTITUTIONS = 65_536  # combinations of substituted letters, times the square of the length

_one_estimate = threading.Lock()  # zxcvbn keeps the user's own words in a global variable

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


def check_form(password: str) -> None:
    """Raise WeakPassword, with advice, for a new password that is too short, too long or no Unicode text. Cheap."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword([f"A password has {SHORTEST} to {LONGEST} characters."])
    if not is_possible(password):
        raise WeakPassword(["A password is Unicode text."])


def check_strength(password: str, username: str) -> None:
    """Raise WeakPassword, with advice, for a new password that is outside the form or easily guessed.

    The password is judged as typed: nothing is trimmed, folded or normalised, and no kinds of characters are asked for.
    It takes up to 0.3 s and holds the GIL: web requests call `Hasher.hash_new`, which bounds how many do so at once.
    """
    check_form(password)
    with _one_estimate:
        verdict = zxcvbn(judged_part(password), user_inputs=[username, *OWN_WORDS], max_length=LONGEST)
    if verdict["score"] < GOOD_SCORE:
        warning, suggestions = verdict["feedback"]["warning"], verdict["feedback"]["suggestions"]
        raise WeakPassword(["This password is easy to guess.", *filter(None, [warning]), *suggestions])


def judged_part(password: str) -> str:
    """The part of a password that stands for all of it when its strength is estimated, so that this is quick.

    Almost always the whole. Two things make zxcvbn slow, up to 12 s for 128 characters:

    - Long repetitions, since their parts are words in many ways. In a password of more than 48 characters, a text that
      is repeated in a row counts twice, and one that is the whole password counts once.
    - Many characters that stand for letters, such as `4` and `@` for `a`: all combinations are tried on all substrings.
      The end is left out as far as there are more than MOST_SUBSTITUTIONS in all. At least 14 characters are left, with
      eight or more of that kind among them.

    Cutting every password at a fixed length would accept weak ones: in the first 48 characters of `international`
    written four times, the last one is no word any more, and counts as nine random characters.
    """
    text = _with_less_repetition(password) if len(password) > LONG else password
    length = len(text)
    while _combinations(text[:length]) * length**2 > MOST_SUBSTITUTIONS:
        length -= 1
    return text[:length]


def _with_less_repetition(text: str) -> str:
    while (shorter := REPETITION.sub(lambda found: (found[1] or found[2]) * 2, text)) != text:
        text = shorter
    whole = NOTHING_ELSE.fullmatch(text)
    return whole[1] if whole and len(text) > LONG else text


def _combinations(text: str) -> int:
    """In how many ways its characters can stand for letters, about."""
    return math.prod(map(len, relevant_l33t_subtable(text, L33T_TABLE).values()))


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made by another method or at another cost than today's."""
    return not stored.startswith(f"{METHOD}$")


def _lower_priority() -> None:
    """Let this thread give way to others. Linux alone has priorities for single threads; a sandbox may deny them."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


class Hasher:
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
        same._owner = owner(address)
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
            fits = self._threads.submit(check_password_hash, stored or NOBODY, password).result()
        return fits and stored is not None
