"""What is remembered of tokens: so many, and the least used makes room."""

import dataclasses

from daypass.remembered import Remembered
from daypass.tokens import Token
from tests.test_keys import CLAIMS


def token(name: str) -> Token:
    return Token(dataclasses.replace(CLAIMS, name=name), {"alg": "HS256", "typ": "JWT", "kid": "k1"})


def test_what_was_put_is_found_and_nothing_else() -> None:
    remembered = Remembered()
    remembered.put("a.b.c", token("alice"))
    assert remembered.get("a.b.c") == token("alice")
    for other in ("", "a", "a.b", "a.b.", "a.b.d", "a.b.c ", "A.b.c", "a.b.c=", "x.b.c"):
        assert remembered.get(other) is None


def test_no_more_are_kept_than_there_is_room_for() -> None:
    remembered = Remembered(most=3)
    for number in range(10):
        remembered.put(str(number), token(str(number)))
    kept = [number for number in range(10) if remembered.get(str(number))]
    assert kept == [7, 8, 9]


def test_the_one_not_used_for_longest_makes_room() -> None:
    remembered = Remembered(most=3)
    for text in "abc":
        remembered.put(text, token(text))
    remembered.get("a")
    remembered.put("d", token("d"))
    assert {text for text in "abcd" if remembered.get(text)} == {"a", "c", "d"}


def test_what_is_put_again_takes_no_more_room_and_is_the_newest_word() -> None:
    remembered = Remembered(most=2)
    remembered.put("a", token("old"))
    remembered.put("b", token("b"))
    remembered.put("a", token("new"))
    assert remembered.get("a") == token("new")
    assert remembered.get("b") == token("b")
