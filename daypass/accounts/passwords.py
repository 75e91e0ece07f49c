"""Rules for passwords, and estimation of their strength (NIST SP 800-63B section 5.1.1.2)."""

import math
import re
import threading
from typing import Any

from daypass.accounts.errors import WeakPassword

MIN_LENGTH, MAX_LENGTH = 8, 128  # characters
MIN_SCORE = 3  # of 4: "safely unguessable" in zxcvbn's words
OWN_WORDS = ("daypass",)
LONG_PASSWORD = 48  # characters: repetitions in longer ones are shortened before the strength is estimated
REPETITION = re.compile(r"(.{1,3}?)\1{7,}|(.{4,}?)\2{2,}", re.DOTALL)  # too long to be part of a word or date
ONLY_REPETITION = re.compile(r"(.+?)\1+", re.DOTALL)
MAX_SUBSTITUTIONS = 65_536  # combinations of substituted letters, times the square of the length

_one_estimate = threading.Lock()  # zxcvbn keeps `user_inputs` in a global variable


def is_possible(password: str) -> bool:
    """Whether any account can have this password: not too long, and valid Unicode (JSON allows lone surrogates).

    Cheap: call it before hashing.
    """
    return len(password) <= MAX_LENGTH and not any("\ud800" <= character <= "\udfff" for character in password)


def check_form(password: str) -> None:
    """Raise WeakPassword for a new password that is too short, too long or not valid Unicode. Cheap."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise WeakPassword([f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters."])
    if not is_possible(password):
        raise WeakPassword(["A password must be valid Unicode text."])


def check_strength(password: str, username: str) -> int:
    """The score of a new password, from MIN_SCORE to 4.

    Raises WeakPassword, with advice, for one that is malformed or easy to guess.

    The password is checked as typed: not trimmed, case-folded or normalized. No character classes are required.
    Takes up to 0.3 s and holds the GIL: web requests call `PasswordHasher.hash_new`, which limits concurrency.
    """
    check_form(password)
    verdict = _estimate(password, username)
    score: int = verdict["score"]
    if score < MIN_SCORE:
        warning, suggestions = verdict["feedback"]["warning"], verdict["feedback"]["suggestions"]
        raise WeakPassword(["This password is easy to guess.", *filter(None, [warning]), *suggestions], score)
    return score


def _estimate(password: str, username: str) -> dict[str, Any]:
    """The verdict of zxcvbn, which is imported only here because its lists of words are large."""
    from zxcvbn import zxcvbn

    with _one_estimate:
        verdict: dict[str, Any] = zxcvbn(
            estimated_part(password), user_inputs=[username, *OWN_WORDS], max_length=MAX_LENGTH
        )
    return verdict


def estimated_part(password: str) -> str:
    """The part of a password whose strength is estimated in place of the whole, to bound the time.

    Almost always the whole password. Two things make zxcvbn slow, up to 12 s for 128 characters:

    - Long repetitions, because their parts match words in many ways. In a password of more than 48 characters,
      consecutive repetitions are reduced to two, and to one if they make up the whole password.
    - Many characters that can replace letters, such as `4` and `@` for `a`: all combinations are tried on all
      substrings. The end is cut off until at most MAX_SUBSTITUTIONS remain. At least 14 characters are left, eight or
      more of which can replace letters.

    Cutting every password at a fixed length would accept weak ones: in the first 48 characters of `international`
    written four times, the last word is incomplete and counts as nine random characters.
    """
    text = _with_less_repetition(password) if len(password) > LONG_PASSWORD else password
    length = len(text)
    while _combinations(text[:length]) * length**2 > MAX_SUBSTITUTIONS:
        length -= 1
    return text[:length]


def _with_less_repetition(text: str) -> str:
    while (shorter := REPETITION.sub(lambda found: (found[1] or found[2]) * 2, text)) != text:
        text = shorter
    whole = ONLY_REPETITION.fullmatch(text)
    return whole[1] if whole and len(text) > LONG_PASSWORD else text


def _combinations(text: str) -> int:
    """Roughly, the number of ways in which the characters can replace letters."""
    from zxcvbn.matching import L33T_TABLE, relevant_l33t_subtable

    return math.prod(map(len, relevant_l33t_subtable(text, L33T_TABLE).values()))
