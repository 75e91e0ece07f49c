"""Tampering with tokens: a character, the claims, the header; and the verdict on the result."""

from functools import partial

import pytest

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import tampering
from daypass.lab.playground.parsing import MAX_TEXT_LENGTH, read
from tests.lab.playground.shortcuts import encode_token, key_for, lab_error, verify_token

TOKEN = encode_token('{"sender": "alice", "role": "member"}')
NO_PARTS = "This text does not have three parts."


@pytest.mark.parametrize("algorithm", [Algorithm.HS256, Algorithm.ES384, Algorithm.EDDSA])
def test_changing_any_character_makes_the_token_invalid_and_can_be_undone(algorithm: Algorithm) -> None:
    made = key_for(algorithm)
    token = encode_token(algorithm=algorithm, key=made.private)
    for place in (place for place, character in enumerate(token) if character != "."):
        changed = tampering.change_character(token, place)
        assert [a != b for a, b in zip(token, changed, strict=True)].count(True) == 1
        assert tampering.change_character(changed, place) == token
        if place % 7 == 0 or place > len(token) - 5:
            assert not verify_token(changed, algorithm, made.public).valid


def test_the_changed_part_is_blamed_where_it_can_be_known() -> None:
    first, second = TOKEN.index("."), TOKEN.rindex(".")
    assert verify_token(tampering.change_character(TOKEN, 0)).blame == "header"
    assert (
        verify_token(tampering.change_character(TOKEN, first + 1)).blame == "signature"
    )  # it no longer fits the payload
    assert verify_token(tampering.change_character(TOKEN, second + 1)).blame == "signature"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (TOKEN, -1, f"The token has characters from 0 to {len(TOKEN) - 1}."),
        (TOKEN, len(TOKEN), f"The token has characters from 0 to {len(TOKEN) - 1}."),
        (TOKEN, TOKEN.index("."), "This is a dot between two parts. Choose another character."),
        ("a\ud800", 1, "This is not a base64url character. Choose another."),
        ("a=", 1, "This is not a base64url character. Choose another."),
        ("", 0, "There is no token to change."),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_character_that_cannot_be_changed_is_refused(text: str, place: int, message: str) -> None:
    error = lab_error(partial(tampering.change_character, text, place))
    assert (error.message, error.field) == (message, "place")


def test_claims_are_edited_and_the_signature_stays() -> None:
    edited = tampering.replace_claims(TOKEN, '{"sender": "alice", "role": ["admin"]}')
    assert read(edited).claims == {"sender": "alice", "role": ["admin"]}
    assert edited.split(".")[::2] == TOKEN.split(".")[::2]
    assert verify_token(edited).message == "Token is invalid --> Signature verification failed"
    assert read(tampering.replace_claims(TOKEN, '{"a": 1}')).claims == {"a": 1}
    assert tampering.replace_claims(TOKEN, '{"sender": "alice", "role": "member"}') == TOKEN


def test_a_header_is_edited_and_the_signature_stays() -> None:
    edited = tampering.replace_header(TOKEN, '{"alg": "none"}')
    assert read(edited).header == {"alg": "none"}
    assert edited.split(".")[1:] == TOKEN.split(".")[1:]


def test_a_token_without_its_signature_is_invalid_because_of_it() -> None:
    assert verify_token(TOKEN.rpartition(".")[0] + ".").blame == "signature"


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "\ud800"], ids=ascii)
def test_a_text_without_three_parts_is_left_alone(text: str) -> None:
    for act in (
        partial(tampering.replace_claims, text, "{}"),
        partial(tampering.replace_header, text, "{}"),
    ):
        error = lab_error(act)
        assert (error.message, error.field) == (NO_PARTS, "token")


@pytest.mark.parametrize(
    "value", ["", "{", "admin", "NaN", "[" * 3000, '{"a":1,"a":1}', "1" * 8193, '"\ud800', "x" * 10**6]
)
def test_a_value_that_is_no_json_is_refused(value: str) -> None:
    assert lab_error(partial(tampering.replace_claims, TOKEN, value)).field == "claims"
    assert lab_error(partial(tampering.replace_header, TOKEN, value)).field == "header"


def test_a_tampered_token_stays_within_the_length_limit() -> None:
    assert lab_error(partial(tampering.replace_claims, TOKEN, '{"a": "' + "😀" * 2000 + '"}')).field == "token"
    for act in (
        partial(tampering.change_character, "x" * (MAX_TEXT_LENGTH + 1), 0),
        partial(tampering.replace_claims, "." * 99_999, "{}"),
    ):
        assert lab_error(act).message == "The token is longer than 16384 characters."
