"""The estimate of a password's strength: bounded work, as strict as zxcvbn."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE, enumerate_l33t_subs, relevant_l33t_subtable

from daypass.accounts import password_hasher, passwords
from daypass.accounts.errors import WeakPassword
from daypass.accounts.password_hasher import PasswordHasher
from daypass.accounts.passwords import MAX_LENGTH, MAX_SUBSTITUTIONS, MIN_SCORE, check_strength, estimated_part
from daypass.throttling.errors import Busy
from tests.conftest import PASSWORD
from tests.helpers.rounds import rounds

TRIALS = rounds(full=60, quick=30)
SIGNS = "4@8({[<3691!|705$+%2"
SLOW = "a4@b8c({[<e3g69i1!l|7o0s$5t+x%z2" * 4  # 12 s in full
WEAK_AND_LONG = [
    "a" * 128,
    "i" * 128,
    "password" * 16,
    "P@$$w0rd" * 16,
    "international" * 4,
    "x" + "international" * 4,
    "a" * 40 + "responsibility",
    "dragondragondragonP@$$w0rd" * 2,
    "11/11/199111/11/1991ii" * 4,
    "1234567890" * 12,
    "1234567890!@#$%^&*()" * 6,
    "alice" * 20,
    "11/11/1991" * 12,
]


def lookups(text: str) -> int:
    """About how many substrings zxcvbn looks up in its lists of words."""
    return len(enumerate_l33t_subs(relevant_l33t_subtable(text, L33T_TABLE))) * len(text) ** 2


@given(st.one_of(st.text(max_size=MAX_LENGTH), st.text(alphabet=SIGNS + "aeiost", max_size=MAX_LENGTH)))
def test_the_work_is_bounded_whatever_the_password_is(text: str) -> None:
    part = estimated_part(text)
    assert lookups(part) <= 2 * MAX_SUBSTITUTIONS
    assert len(part) >= min(len(text), 14) or len(text) > passwords.LONG_PASSWORD


def test_the_slowest_password_known_is_a_hundred_times_less_work() -> None:
    assert lookups(SLOW) > 100 * lookups(estimated_part(SLOW))
    check_strength(SLOW, "alice")


@pytest.mark.parametrize("text", ["i" * 128, "ab" * 64, "aab" * 42, "aaab" * 32, "aaaaaaaab" * 14])
def test_a_long_repetition_is_judged_by_two_of_it(text: str) -> None:
    """In full, its cost would grow with the third power of its length."""
    assert len(estimated_part(text)) < 20


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "P@ssw0rd!2024", "Tr0ub4dor&3", "a tired otter, 1911, and 11/11/1991 or later, too", "1" * 48],
)
def test_an_ordinary_password_is_judged_whole(password: str) -> None:
    assert estimated_part(password[:MAX_LENGTH]) == password[:MAX_LENGTH]


@pytest.mark.parametrize("password", WEAK_AND_LONG)
def test_a_long_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_strength(password, "alice")


def weak_parts(dice: random.Random) -> Iterator[str]:
    """The parts that guessable passwords are made of, at random."""
    walks, words = ("1234567890", "!@#$%^&*()", "qwertyuiop", "1qaz2wsx"), ("password", "international", "dragon")
    while True:
        text = dice.choice([*walks, *words, "P@$$w0rd", "4@8({[<3", "1!|7", dice.choice(SIGNS), "i", "11/11/1991"])
        yield text * dice.choice([1, 1, 2, 3, 9])


def test_what_zxcvbn_refuses_in_full_is_never_accepted() -> None:
    """For passwords made of a few guessable parts, repeated or not."""
    dice, refused = random.Random(7), 0  # noqa: S311
    parts = weak_parts(dice)
    for _ in range(TRIALS):
        unit = "".join(next(parts) for _ in range(dice.choice([1, 1, 2, 3])))
        password = (unit * dice.choice([1, 2, 4, 9]))[:MAX_LENGTH]
        if len(password) < 8 or lookups(password) > 40 * MAX_SUBSTITUTIONS:
            continue  # in full it would take seconds
        if zxcvbn(password, max_length=MAX_LENGTH)["score"] < MIN_SCORE:
            refused += 1
            with pytest.raises(WeakPassword):
                check_strength(password, "zq")
    assert refused > TRIALS / 5


def test_a_new_password_is_judged_inside_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = list[str]()
    monkeypatch.setattr(password_hasher, "check_strength", lambda password, username: judged.append(password))
    hasher = PasswordHasher(slots=1, queue=0)
    with hasher._queue.slot(None), pytest.raises(Busy):
        hasher.hash_new(PASSWORD, "alice")
    assert judged == []
    assert hasher.verify(hasher.hash_new(PASSWORD, "alice"), PASSWORD)
    assert judged == [PASSWORD]


@pytest.mark.parametrize("password", ["", "x" * 129, "\ud800" * 12])
def test_what_cannot_be_a_password_takes_no_place_in_the_queue(password: str) -> None:
    hasher = PasswordHasher(slots=1, queue=0)
    with hasher._queue.slot(None), pytest.raises(WeakPassword):
        hasher.hash_new(password, "alice")
