"""Tokens that the lab signs: what they contain, and what is refused."""

import json
from functools import partial
from typing import Any

import jwt
import pytest

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground.parsing import MAX_TEXT_LENGTH
from tests.lab.playground.shortcuts import (
    NOW,
    NOW_SECONDS,
    SECRET,
    each_algorithm,
    encode_token,
    is_printable_line,
    key_for,
    lab_error,
)


def claims_of(token: str) -> Any:
    return jwt.decode(token, options={"verify_signature": False})


def test_the_example_is_what_pyjwt_makes_of_it() -> None:
    claims = {"sender": "alice", "message": "Lunch at noon, bob?", "date": "2026-11-23"}
    assert encode_token() == jwt.encode(claims, SECRET, algorithm="HS256")


@each_algorithm
def test_the_chosen_algorithm_replaces_alg_in_the_header(algorithm: Algorithm) -> None:
    for header in ('{"typ": "JWT"}', '{"typ": "JWT", "alg": "none"}', '{"alg": {"a": []}, "typ": "JWT"}'):
        token = encode_token("{}", algorithm, key=key_for(algorithm).private, header=header)
        assert jwt.get_unverified_header(token) == {"alg": algorithm.value, "typ": "JWT"}


@pytest.mark.parametrize(
    "header",
    [{}, {"typ": "JWT"}, {"typ": "at+jwt", "kid": "../../dev/null"}, {"jku": "https://evil.test", "n": [1]}],
)
def test_other_header_members_are_kept_as_typed(header: dict[str, Any]) -> None:
    token = encode_token("{}", header=json.dumps(header))
    assert jwt.get_unverified_header(token) == header | {"alg": "HS256"}


@pytest.mark.parametrize(
    ("expires_in", "ends"), [(60, NOW_SECONDS + 60), (86_400, NOW_SECONDS + 86_400), (-5, NOW_SECONDS - 5)]
)
def test_an_expiry_sets_exp_in_whole_seconds(expires_in: int, ends: int) -> None:
    later = NOW.replace(microsecond=999_999)
    assert claims_of(encode_token('{"exp": 1, "a": 2}', expires_in=expires_in, now=later)) == {"exp": ends, "a": 2}


def test_without_an_expiry_the_claims_stay_as_they_are() -> None:
    assert claims_of(encode_token('{"a": 2}')) == {"a": 2}
    assert claims_of(encode_token('{"exp": 4000000000}')) == {"exp": 4_000_000_000}


NOT_CLAIMS = {
    "": "It is not JSON: Expecting value, line 1, column 1.",
    "{": "It is not JSON: Expecting property name enclosed in double quotes, line 1, column 2.",
    "{'a': 1}": "It is not JSON: Expecting property name enclosed in double quotes, line 1, column 2.",
    "\ufeff{}": "It is not JSON: Unexpected UTF-8 BOM (decode using utf-8-sig), line 1, column 1.",
    "[]": "It must be a JSON object, with names and values in braces, but it is a list.",
    '"alice"': "It must be a JSON object, with names and values in braces, but it is a string.",
    "7": "It must be a JSON object, with names and values in braces, but it is a number.",
    "true": "It must be a JSON object, with names and values in braces, but it is true or false.",
    "null": "It must be a JSON object, with names and values in braces, but it is null.",
    '{"a": 1, "a": 1}': "The name “a” occurs twice, and parsers differ on which one they use.",
    '{"a": {"b\\n": 1, "b\\u000a": 2}}': "The name “b\\n” occurs twice, and parsers differ on which one they use.",
    '{"a": NaN}': "NaN is not a JSON number.",
    '{"a": -Infinity}': "-Infinity is not a JSON number.",
    '{"a": 1e400}': "The number 1e400 is too large.",
    '{"a": ' + "9" * 5000 + "}": "A number has too many digits.",
    '{"a":' + "[" * 32 + "]" * 32 + "}": "It is nested deeper than 32 levels.",
    '{"a":' + "[" * 3000 + "]" * 3000 + "}": "It is nested deeper than 32 levels.",
    '{"a": "' + "x" * 8192 + '"}': "It is longer than 8192 characters.",
    "x" * 1_000_000: "It is longer than 8192 characters.",
}


@pytest.mark.parametrize("text", NOT_CLAIMS, ids=lambda text: ascii(text[:20]))
def test_anything_but_an_unambiguous_json_object_is_refused(text: str) -> None:
    for field, act in (("claims", partial(encode_token, text)), ("header", partial(encode_token, header=text))):
        error = lab_error(act)
        assert (error.message, error.field) == (NOT_CLAIMS[text], field)


def test_brackets_in_a_text_are_not_nested() -> None:
    assert claims_of(encode_token('{"a": "' + "[{" * 2000 + '\\"[["}'))["a"].endswith('"[[')
    assert claims_of(encode_token('{"a":' + "[" * 31 + "]" * 31 + "}")) != {}


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ({"header": '{"kid": 7}'}, "header", "Key ID header parameter must be a string."),
        ({"header": '{"b64": false}'}, "header", "“b64” changes how the payload is signed (RFC 7797), which the lab"),
        ({"claims": '{"iss": 7}'}, "claims", "“iss”, the issuer, must be a string (RFC 7519 section 4.1.1)."),
        ({"expires_in": 10**30}, "expiry", "The expiry is too far away to be a date."),
        ({"expires_in": -(10**30)}, "expiry", "The expiry is too far away to be a date."),
        ({"key": ""}, "key", "HMAC key must not be empty."),
        ({"claims": '{"a": "' + "😀" * 8000 + '"}'}, "claims", "The token would be longer than 16384 characters."),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_a_refusal_names_the_field(arguments: dict[str, Any], field: str, message: str) -> None:
    error = lab_error(lambda: encode_token(**arguments))
    assert error.field == field
    assert error.message.startswith(message)


def test_the_longest_token_can_be_read_again() -> None:
    token = encode_token('{"a": "' + "x" * 8000 + '"}', header='{"a": "' + "x" * 4000 + '"}')
    assert 16_000 < len(token) <= MAX_TEXT_LENGTH


def test_quoted_text_is_printable() -> None:
    for character in ("\x00", "\u202e", "\ud800", "\x9b"):
        name = json.dumps(f"a{character}", ensure_ascii=character < " ")
        error = lab_error(partial(encode_token, f"{{{name}: 1, {name}: 2}}"))
        assert is_printable_line(error.message)
