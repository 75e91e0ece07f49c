"""A token spoilt: a character, a claim, the header, the signature; and the verdict on it."""

import string
from functools import partial

import pytest

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import tampering
from daypass.lab.playground.parsing import MAX_TEXT_LENGTH, read
from tests.lab.playground.shortcuts import judge, key_of, refusal, write

TOKEN = write('{"sender": "alice", "role": "member"}')
NO_PARTS = "This text has no three parts."


@pytest.mark.parametrize("algorithm", [Algorithm.HS256, Algorithm.ES384, Algorithm.EDDSA])
def test_every_character_that_is_changed_makes_the_token_invalid_and_back_again(algorithm: Algorithm) -> None:
    made = key_of(algorithm)
    token = write(algorithm=algorithm, key=made.private)
    for place in (place for place, character in enumerate(token) if character != "."):
        changed = tampering.change_character(token, place)
        assert [a != b for a, b in zip(token, changed, strict=True)].count(True) == 1
        assert tampering.change_character(changed, place) == token
        if place % 7 == 0 or place > len(token) - 5:
            assert not judge(changed, algorithm, made.public).valid


def test_the_part_that_was_changed_is_the_one_to_blame_where_that_can_be_told() -> None:
    first, second = TOKEN.index("."), TOKEN.rindex(".")
    assert judge(tampering.change_character(TOKEN, 0)).blame == "header"
    assert judge(tampering.change_character(TOKEN, first + 1)).blame == "signature"  # it no longer fits the payload
    assert judge(tampering.change_character(TOKEN, second + 1)).blame == "signature"


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        (TOKEN, -1, f"The token has characters from 0 to {len(TOKEN) - 1}."),
        (TOKEN, len(TOKEN), f"The token has characters from 0 to {len(TOKEN) - 1}."),
        (TOKEN, TOKEN.index("."), "This is a dot between two parts. Choose a character of a part."),
        ("a\ud800", 1, "This character is none of base64url. Choose another."),
        ("a=", 1, "This character is none of base64url. Choose another."),
        ("", 0, "There is no token whose characters could be changed."),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_place_where_nothing_can_be_changed_is_told(text: str, place: int, told: str) -> None:
    error = refusal(partial(tampering.change_character, text, place))
    assert (error.message, error.field) == (told, "place")


def test_a_claim_is_edited_and_the_signature_stays() -> None:
    edited = tampering.replace_claim(TOKEN, "role", '["admin"]')
    assert read(edited).claims == {"sender": "alice", "role": ["admin"]}
    assert edited.split(".")[::2] == TOKEN.split(".")[::2]
    assert judge(edited).message == "Token is invalid --> Signature verification failed"
    assert tampering.replace_claim(edited, "role", '"member"') == TOKEN
    assert read(tampering.replace_claim(TOKEN, "new", "null")).claims["new"] is None
    assert read(tampering.replace_claims(TOKEN, '{"a": 1}')).claims == {"a": 1}
    assert tampering.replace_claims(TOKEN, '{"sender": "alice", "role": "member"}') == TOKEN


def test_a_header_is_edited_and_the_signature_stays() -> None:
    edited = tampering.replace_header(TOKEN, '{"alg": "none"}')
    assert read(edited).header == {"alg": "none"}
    assert edited.split(".")[1:] == TOKEN.split(".")[1:]


def test_a_signature_is_cut_off() -> None:
    assert tampering.cut_signature(TOKEN) == TOKEN.rstrip(string.ascii_letters + string.digits + "-_")
    assert judge(tampering.cut_signature(TOKEN)).blame == "signature"


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "\ud800"], ids=ascii)
def test_a_text_without_three_parts_is_left_alone(text: str) -> None:
    for act in (
        partial(tampering.cut_signature, text),
        partial(tampering.replace_claim, text, "a", "1"),
        partial(tampering.replace_claims, text, "{}"),
        partial(tampering.replace_header, text, "{}"),
    ):
        error = refusal(act)
        assert (error.message, error.field) == (NO_PARTS, "token")


@pytest.mark.parametrize(
    "value", ["", "{", "admin", "NaN", "[" * 3000, '{"a":1,"a":1}', "1" * 8193, '"\ud800', "x" * 10**6]
)
def test_a_value_that_is_no_json_is_refused(value: str) -> None:
    assert refusal(partial(tampering.replace_claim, TOKEN, "role", value)).field == "claims"
    assert refusal(partial(tampering.replace_claims, TOKEN, value)).field == "claims"
    assert refusal(partial(tampering.replace_header, TOKEN, value)).field == "header"


def test_a_payload_that_is_no_object_has_no_claim_to_edit() -> None:
    error = refusal(partial(tampering.replace_claim, "e30.W10.AA", "a", "1"))
    assert error.message == "The payload of this token is not a JSON object, so it has no claims."


def test_a_token_stays_within_what_can_be_read() -> None:
    long = write('{"a": "' + "x" * 8000 + '"}')
    assert refusal(partial(tampering.replace_claim, long, "b", '"' + "😀" * 2000 + '"')).field == "token"
    for act in (
        partial(tampering.change_character, "x" * (MAX_TEXT_LENGTH + 1), 0),
        partial(tampering.cut_signature, "." * 99_999),
    ):
        assert refusal(act).message == "The token is longer than 16384 characters."
