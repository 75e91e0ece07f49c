"""Every message of a verdict is explained, with what was found."""

import json

import jwt
import pytest

from daypass.lab.playground.explanations import EXPLANATIONS, VALID, explain
from daypass.lab.playground.verification import VALID as MESSAGE_VALID
from tests.lab.playground.shortcuts import NOW_SECONDS, SECRET, encode_token, segment, verify_token

TOKEN = encode_token()
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")


def signed(payload: bytes, **header: object) -> str:
    return jwt.api_jws.encode(payload, SECRET, "HS256", headers=header)


INVALID = [
    "",
    "abc",
    f"{HEADER}.{PAYLOAD}",
    f"{HEADER}.{PAYLOAD}.x",
    f"{HEADER}.x.{SIGNATURE}",
    f"x.{PAYLOAD}.{SIGNATURE}",
    f"{segment('[]')}.{PAYLOAD}.{SIGNATURE}",
    f"{segment('no')}.{PAYLOAD}.{SIGNATURE}",
    f"{segment('{}')}.{PAYLOAD}.{SIGNATURE}",
    f"{segment(json.dumps({'alg': 'none'}))}.{PAYLOAD}.",
    f"{segment(json.dumps({'alg': 'HS256', 'kid': 1}))}.{PAYLOAD}.{SIGNATURE}",
    f"{segment(json.dumps({'alg': 'HS256', 'crit': []}))}.{PAYLOAD}.{SIGNATURE}",
    f"{segment(json.dumps({'alg': 'HS256', 'crit': ['exp'], 'exp': 1}))}.{PAYLOAD}.{SIGNATURE}",
    f"{segment(json.dumps({'alg': 'HS256', 'crit': ['b64'], 'b64': False}))}.{PAYLOAD}.{SIGNATURE}",
    signed(b"[]"),
    signed(b"no"),
    encode_token('{"exp": 1}'),
    encode_token('{"exp": "soon"}'),
    encode_token(f'{{"nbf": {NOW_SECONDS + 9}}}'),
    encode_token('{"nbf": "soon"}'),
    encode_token(f'{{"iat": {NOW_SECONDS + 9}}}'),
    encode_token('{"iat": []}'),
    signed(b'{"sub": 1}'),
    signed(b'{"jti": 1}'),
    f"{HEADER}.{PAYLOAD}.{SIGNATURE[::-1]}",
    "x" * 20_000,
]


@pytest.mark.parametrize("token", INVALID, ids=range(len(INVALID)))
def test_each_message_has_an_explanation(token: str) -> None:
    message = verify_token(token).message
    assert message != MESSAGE_VALID
    assert explain(message, token, ()), message


def test_a_valid_token_is_explained_too() -> None:
    assert explain(verify_token(TOKEN).message, TOKEN, ()) == VALID


@pytest.mark.parametrize(
    ("token", "found"),
    [
        ("abc123", "This text has one segment and no dot. An API key or a session ID looks like this"),
        ("not a token", "This text has one segment and no dot."),
        (HEADER, "one segment and no dot. It begins like a token, so its end may have been cut off."),
        (f"{HEADER}.{PAYLOAD}", "2 segments. It begins like a token, so its signature may have been cut off."),
        ("a.b", "This text has 2 segments."),
    ],
)
def test_not_enough_segments_says_what_a_segment_is_and_what_was_found(token: str, found: str) -> None:
    words = explain(verify_token(token).message, token, ())
    assert words.startswith("A segment is the text between two dots. A token has three: header, payload and signature")
    assert found in words
    assert words == words.strip()


def test_a_signature_that_no_longer_fits_is_not_blamed_for_a_changed_payload() -> None:
    message = "Token is invalid --> Signature verification failed"
    payload = explain(message, TOKEN, {"payload"})
    assert payload == "The payload changed after signing, so the signature no longer fits."
    assert explain(message, TOKEN, {"header", "payload"}).startswith("The header and the payload changed")
    assert explain(message, TOKEN, {"signature"}).startswith("The signature was changed")
    assert "different key" in explain(message, TOKEN, ())


def test_an_explanation_is_one_or_more_sentences() -> None:
    assert [text for text in EXPLANATIONS.values() if not text.endswith(".")] == []
