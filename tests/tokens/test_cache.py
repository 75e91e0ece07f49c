"""The cache of verified tokens: its size, age, and key ring."""

import dataclasses
import time

import pytest

from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.tokens.cache import CONFIRM_SECONDS, VerifiedTokenCache, cache_size
from daypass.tokens.claims import Token
from tests.helpers.signing_keys import CLAIMS, signing_key_for

GIB = 1024**3
RING, OTHER = KeyRing([signing_key_for(Algorithm.HS256)]), KeyRing([signing_key_for(Algorithm.HS256)])


def token(name: str) -> Token:
    return Token(dataclasses.replace(CLAIMS, name=name), {"alg": "HS256", "typ": "JWT", "kid": "k1"})


def new(max_tokens: int = 100) -> VerifiedTokenCache:
    """A cache that was used with RING, as it is before the first put."""
    cache = VerifiedTokenCache(max_tokens)
    assert cache.get("", RING) is None
    return cache


def test_only_the_exact_token_is_found() -> None:
    cache = new()
    cache.put("a.b.c", token("alice"), RING)
    assert cache.get("a.b.c", RING) == token("alice")
    for other in ("", "a", "a.b", "a.b.", "a.b.d", "a.b.c ", "A.b.c", "a.b.c=", "x.b.c"):
        assert cache.get(other, RING) is None


def test_the_cache_is_bounded() -> None:
    cache = new(max_tokens=3)
    for number in range(10):
        cache.put(str(number), token(str(number)), RING)
    kept = [number for number in range(10) if cache.get(str(number), RING)]
    assert kept == [7, 8, 9]


@pytest.mark.parametrize(
    ("memory", "processes", "tokens"),
    [(24 * GIB, 2, 125_829), (GIB, 1, 10_485), (GIB, 8, 1_310), (GIB // 8, 8, 1_000), (512 * GIB, 1, 200_000)],
)
def test_the_size_follows_the_memory(memory: int, processes: int, tokens: int) -> None:
    assert cache_size(memory, processes) == tokens


def test_the_least_recently_used_token_is_removed_first() -> None:
    cache = new(max_tokens=3)
    for text in "abc":
        cache.put(text, token(text), RING)
    cache.get("a", RING)
    cache.put("d", token("d"), RING)
    assert {text for text in "abcd" if cache.get(text, RING)} == {"a", "c", "d"}


def test_putting_a_token_again_replaces_it() -> None:
    cache = new(max_tokens=2)
    cache.put("a", token("old"), RING)
    cache.put("b", token("b"), RING)
    cache.put("a", token("new"), RING)
    assert cache.get("a", RING) == token("new")
    assert cache.get("b", RING) == token("b")


def test_a_new_key_ring_clears_the_cache() -> None:
    cache = VerifiedTokenCache()
    assert cache.get("a.b.c", RING) is None
    cache.put("a.b.c", token("alice"), RING)
    assert cache.get("a.b.c", OTHER) is None
    assert cache.get("a.b.c", RING) is None


def test_a_token_verified_by_a_replaced_key_ring_is_not_cached() -> None:
    cache = VerifiedTokenCache()
    assert cache.get("a.b.c", RING) is None
    assert cache.get("d.e.f", OTHER) is None
    cache.put("a.b.c", token("alice"), RING)
    assert cache.get("a.b.c", OTHER) is None


def test_no_token_is_cached_for_longer_than_it_may_go_unconfirmed() -> None:
    cache = new()
    cache.put("a", token("a"), RING, time.monotonic() - CONFIRM_SECONDS + 60)
    cache.put("b", token("b"), RING, time.monotonic() - CONFIRM_SECONDS - 1)
    assert [cache.get(text, RING) for text in "ab"] == [token("a"), None]
    cache.put("b", token("b"), RING)
    assert cache.get("b", RING) == token("b")


def test_a_token_in_constant_use_is_confirmed_again_too() -> None:
    cache, ends = VerifiedTokenCache(seconds=0.2), time.monotonic() + 10
    assert cache.get("a", RING) is None
    cache.put("a", token("a"), RING)
    while cache.get("a", RING) is not None:
        assert time.monotonic() < ends


def test_a_token_confirmed_before_a_clear_is_not_cached_after_it() -> None:
    cache, before = new(), time.monotonic()
    cache.put("a", token("a"), RING)
    cache.clear()
    cache.put("b", token("b"), RING, before)
    cache.put("c", token("c"), RING)
    assert [cache.get(text, RING) for text in "abc"] == [None, None, token("c")]
