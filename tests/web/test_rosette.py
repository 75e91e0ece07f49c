"""The rosette: drawn only from a digest, and within its frame."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daypass.web.rosette import rings


def numbers(path: str) -> list[float]:
    return [float(text) for text in re.findall(r"-?[\d.]+", path)]


def test_a_digest_always_draws_the_same_rosette() -> None:
    assert rings(sha256(b"one").digest()) == rings(sha256(b"one").digest())


def test_two_sessions_have_two_rosettes() -> None:
    assert rings(sha256(b"one").digest()) != rings(sha256(b"two").digest())


def test_only_the_first_six_bytes_choose() -> None:
    assert rings(b"abcdef" + b"1") == rings(b"abcdef" + b"2")


def test_too_short_a_digest_is_refused() -> None:
    with pytest.raises(ValueError, match="six bytes"):
        rings(b"short")


@given(st.binary(min_size=6, max_size=6))
def test_every_ring_is_one_closed_path_inside_the_frame(digest: bytes) -> None:
    for ring in rings(digest):
        assert re.fullmatch(r"M[-\d. ]+C[-\d. ]+S[-\d. ]+Z", ring.path)
        assert all(abs(number) <= 100 for number in numbers(ring.path))


@given(st.binary(min_size=6, max_size=6))
def test_a_path_ends_where_it_begins(digest: bytes) -> None:
    for ring in rings(digest):
        found = numbers(ring.path)
        assert found[:2] == found[-2:]


def test_the_copies_of_a_ring_are_turned_evenly_and_less_than_one_petal() -> None:
    outer, middle, inner = rings(bytes(6))
    assert outer.turns == ("3", "6", "9", "12", "15")
    assert [len(ring.turns) for ring in (outer, middle, inner)] == [5, 7, 7]
