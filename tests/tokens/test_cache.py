"""What is remembered of tokens: so many, and the least used makes room."""

import dataclasses
import time

from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.tokens.cache import CONFIRM_SECONDS, VerifiedTokenCache
from daypass.tokens.claims import Token
from tests.keys.test_signing_key import CLAIMS, key_of

RING, OTHER = KeyRing([key_of(Algorithm.HS256)]), KeyRing([key_of(Algorithm.HS256)])


def token(name: str) -> Token:
    return Token(dataclasses.replace(CLAIMS, name=name), {"alg": "HS256", "typ": "JWT", "kid": "k1"})


def new(max_tokens: int = 100) -> VerifiedTokenCache:
    """One that has been asked by RING, as it is before anything is put."""
    remembered = VerifiedTokenCache(max_tokens)
    assert remembered.get("", RING) is None
    return remembered


def test_what_was_put_is_found_and_nothing_else() -> None:
    remembered = new()
    remembered.put("a.b.c", token("alice"), RING)
    assert remembered.get("a.b.c", RING) == token("alice")
    for other in ("", "a", "a.b", "a.b.", "a.b.d", "a.b.c ", "A.b.c", "a.b.c=", "x.b.c"):
        assert remembered.get(other, RING) is None


def test_no_more_are_kept_than_there_is_room_for() -> None:
    remembered = new(max_tokens=3)
    for number in range(10):
        remembered.put(str(number), token(str(number)), RING)
    kept = [number for number in range(10) if remembered.get(str(number), RING)]
    assert kept == [7, 8, 9]


def test_the_one_not_used_for_longest_makes_room() -> None:
    remembered = new(max_tokens=3)
    for text in "abc":
        remembered.put(text, token(text), RING)
    remembered.get("a", RING)
    remembered.put("d", token("d"), RING)
    assert {text for text in "abcd" if remembered.get(text, RING)} == {"a", "c", "d"}


def test_what_is_put_again_takes_no_more_room_and_is_the_newest_word() -> None:
    remembered = new(max_tokens=2)
    remembered.put("a", token("old"), RING)
    remembered.put("b", token("b"), RING)
    remembered.put("a", token("new"), RING)
    assert remembered.get("a", RING) == token("new")
    assert remembered.get("b", RING) == token("b")


def test_what_another_ring_verified_is_forgotten() -> None:
    remembered = VerifiedTokenCache()
    assert remembered.get("a.b.c", RING) is None
    remembered.put("a.b.c", token("alice"), RING)
    assert remembered.get("a.b.c", OTHER) is None
    assert remembered.get("a.b.c", RING) is None


def test_what_was_read_by_a_ring_that_has_been_replaced_meanwhile_is_not_remembered() -> None:
    remembered = VerifiedTokenCache()
    assert remembered.get("a.b.c", RING) is None
    assert remembered.get("d.e.f", OTHER) is None
    remembered.put("a.b.c", token("alice"), RING)
    assert remembered.get("a.b.c", OTHER) is None


def test_nothing_is_remembered_for_longer_than_it_may_go_unconfirmed() -> None:
    remembered = new()
    remembered.put("a", token("a"), RING, time.monotonic() - CONFIRM_SECONDS + 60)
    remembered.put("b", token("b"), RING, time.monotonic() - CONFIRM_SECONDS - 1)
    assert [remembered.get(text, RING) for text in "ab"] == [token("a"), None]
    remembered.put("b", token("b"), RING)
    assert remembered.get("b", RING) == token("b")


def test_what_is_used_all_the_time_is_confirmed_again_too() -> None:
    remembered, ends = VerifiedTokenCache(seconds=0.2), time.monotonic() + 10
    assert remembered.get("a", RING) is None
    remembered.put("a", token("a"), RING)
    while remembered.get("a", RING) is not None:
        assert time.monotonic() < ends


def test_what_was_confirmed_before_all_was_cleared_is_not_remembered_after_it() -> None:
    remembered, before = new(), time.monotonic()
    remembered.put("a", token("a"), RING)
    remembered.clear()
    remembered.put("b", token("b"), RING, before)
    remembered.put("c", token("c"), RING)
    assert [remembered.get(text, RING) for text in "abc"] == [None, None, token("c")]
