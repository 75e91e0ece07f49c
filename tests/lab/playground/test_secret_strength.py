"""Remarks on secrets: guessing and length are told apart, and both sentences are true."""

import secrets

import pytest

from daypass.keys.algorithms import SECRET_BYTES, Algorithm
from daypass.lab.playground import key_text
from daypass.lab.playground.secret_strength import remarks
from tests.lab.playground.shortcuts import SECRET

GUESSABLE = "This secret can be guessed: it is short, or made of words or a pattern."


def test_32_random_bytes_cannot_be_guessed_but_are_too_few_for_hs512() -> None:
    (remark,) = remarks(secrets.token_bytes(32), Algorithm.HS512)
    assert remark == (
        "This secret is too random to be guessed, but its 32 bytes are fewer than the 64 that HS512 needs "
        "(RFC 7518 section 3.2)."
    )
    assert remarks(secrets.token_bytes(32), Algorithm.HS256) == ()


@pytest.mark.parametrize("algorithm", SECRET_BYTES)
def test_a_generated_secret_has_nothing_wrong(algorithm: Algorithm) -> None:
    assert key_text.remarks(key_text.generate(algorithm).private, algorithm) == ()


@pytest.mark.parametrize("secret", [secrets.token_hex(16), secrets.token_urlsafe(16), SECRET], ids=len)
def test_a_random_text_cannot_be_guessed(secret: str) -> None:
    assert GUESSABLE not in remarks(secret.encode(), Algorithm.HS256)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "secret",
        "correct horse battery staple",
        "your-256-bit-secret",
        "qwertyuiopasdfghjklzxcvbnm123456",
        "x" * 100,
        "1234567890123456",
        "ü",
        "ab1" * 40,
    ],
)
def test_a_secret_that_can_be_guessed_is_called_so(secret: str) -> None:
    assert remarks(secret.encode(), Algorithm.HS256)[0] == GUESSABLE


def test_a_short_secret_of_words_has_both_remarks() -> None:
    assert remarks(b"s", Algorithm.HS384) == (
        GUESSABLE,
        "It has 1 byte; HS384 needs at least 48 (RFC 7518 section 3.2).",
    )


def test_a_long_secret_of_one_character_can_be_guessed_although_it_is_long_enough() -> None:
    assert remarks(b"x" * 64, Algorithm.HS512) == (GUESSABLE,)
