"""The rules for passwords, and how strong one is (NIST SP 800-63B section 5.1.1.2)."""

import math
import re
import threading

from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE, relevant_l33t_subtable

from daypass.accounts.errors import WeakPassword

MIN_LENGTH, MAX_LENGTH = 8, 128  # characters
MIN_SCORE = 3  # of 4: "safely unguessable" in zxcvbn's words
OWN_WORDS = ("daypass",)
LONG_PASSWORD = 48  # characters: above, repetitions are shortened before the strength is estimated
REPETITION = re.compile(r"(.{1,3}?)\1{7,}|(.{4,}?)\2{2,}", re.DOTALL)  # long enough to be no part of a word or date
ONLY_REPETITION = re.compile(r"(.+?)\1+", re.DOTALL)
MAX_SUBSTITUTIONS = 65_536  # combinations of substituted letters, times the square of the length

_one_estimate = threading.Lock()  # zxcvbn keeps the user's own words in a global variable


def is_possible(password: str) -> bool:
    """Whether this text can be anybody's password: not too long, and Unicode (JSON can hold lone surrogates).

    Cheap, so it comes before anything is hashed.
    """
    return len(password) <= MAX_LENGTH and not any("\ud800" <= character <= "\udfff" for character in password)


def check_form(password: str) -> None:
    """Raise WeakPassword, with advice, for a new password that is too short, too long or no Unicode text. Cheap."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise WeakPassword([f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters."])
    if not is_possible(password):
        raise WeakPassword(["A password is Unicode text."])


def check_strength(password: str, username: str) -> None:
    """Raise WeakPassword, with advice, for a new password that is outside the form or easily guessed.

    The password is judged as typed: nothing is trimmed, folded or normalised, and no kinds of characters are asked for.
    It takes up to 0.3 s and holds the GIL: web requests call `Hasher.hash_new`, which bounds how many do so at once.
    """
    check_form(password)
    with _one_estimate:
        verdict = zxcvbn(estimated_part(password), user_inputs=[username, *OWN_WORDS], max_length=MAX_LENGTH)
    if verdict["score"] < MIN_SCORE:
        warning, suggestions = verdict["feedback"]["warning"], verdict["feedback"]["suggestions"]
        raise WeakPassword(["This password is easy to guess.", *filter(None, [warning]), *suggestions])


def estimated_part(password: str) -> str:
    """The part of a password that stands for all of it when its strength is estimated, so that this is quick.

    Almost always the whole. Two things make zxcvbn slow, up to 12 s for 128 characters:

    - Long repetitions, since their parts are words in many ways. In a password of more than 48 characters, a text that
      is repeated in a row counts twice, and one that is the whole password counts once.
    - Many characters that stand for letters, such as `4` and `@` for `a`: all combinations are tried on all substrings.
      The end is left out as far as there are more than MAX_SUBSTITUTIONS in all. At least 14 characters are left, with
      eight or more of that kind among them.

    Cutting every password at a fixed length would accept weak ones: in the first 48 characters of `international`
    written four times, the last one is no word any more, and counts as nine random characters.
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
    """In how many ways its characters can stand for letters, about."""
    return math.prod(map(len, relevant_l33t_subtable(text, L33T_TABLE).values()))
