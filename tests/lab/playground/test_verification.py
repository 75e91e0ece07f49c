"""Verification in the lab: the message, the part to blame, the algorithm."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.forging import to_json
from daypass.lab.playground import tampering
from tests.lab.playground.shortcuts import (
    NOW,
    NOW_SECONDS,
    SECRET,
    each_algorithm,
    encode_token,
    is_printable_line,
    key_for,
    lab_error,
    segment,
    verify_token,
)

TOKEN = encode_token()
SECOND = timedelta(seconds=1)


def signed(payload: Any, header: dict[str, Any] | None = None) -> str:
    """This payload and header under a valid signature."""
    raw = payload if isinstance(payload, bytes) else to_json(payload)
    return jwt.PyJWS().encode(raw, SECRET.encode(), "HS256", headers=header)


def with_header(**members: Any) -> str:
    """The token with another header and its old signature."""
    return tampering.replace_header(TOKEN, json.dumps({"alg": "HS256", "typ": "JWT"} | members))


INVALID = [
    ("", "Not enough segments", None),
    ("abc", "Not enough segments", None),
    ("a.b", "Not enough segments", None),
    (tampering.change_character(TOKEN, len(TOKEN) - 1), "Signature verification failed", "signature"),
    (f"{TOKEN.rpartition('.')[0]}.", "Signature verification failed", "signature"),
    (tampering.replace_claims(TOKEN, '{"sender": "eve"}'), "Signature verification failed", "signature"),
    (with_header(kid="7"), "Signature verification failed", "signature"),
    (f"{TOKEN}xx", "Invalid crypto padding", "signature"),
    (f"{TOKEN}!", "Invalid crypto padding", "signature"),
    (f"!{TOKEN}", "Invalid header padding", "header"),
    (f" {TOKEN}", "Invalid header padding", "header"),
    (f"{TOKEN}.{TOKEN}", "Invalid payload padding", "payload"),
    (TOKEN.replace(".", ".!", 1), "Invalid payload padding", "payload"),
    (f"bm8{TOKEN[TOKEN.index('.') :]}", "Invalid header string: Expecting value: line 1 column 1 (char 0)", "header"),
    (f"W10{TOKEN[TOKEN.index('.') :]}", "Invalid header string: must be a json object", "header"),
    (f"e30{TOKEN[TOKEN.index('.') :]}", "Algorithm not specified", "header"),
    (with_header(alg="none"), "The specified alg value is not allowed", "header"),
    (with_header(alg="HS512"), "The specified alg value is not allowed", "header"),
    (with_header(alg=["HS256"]), "The specified alg value is not allowed", "header"),
    (with_header(kid=7), "Key ID header parameter must be a string", "header"),
    (with_header(crit=[]), "Invalid 'crit' header: must be a non-empty list", "header"),
    (with_header(crit=["x"]), "Unsupported critical extension: x", "header"),
    (with_header(b64=False), "Payload segment must be empty when 'b64' is false.", "payload"),
    (signed(b"no"), "Invalid payload string: Expecting value: line 1 column 1 (char 0)", "payload"),
    (signed([]), "Invalid payload string: must be a json object", "payload"),
    (signed({"exp": NOW_SECONDS}), "Signature has expired", "payload"),
    (signed({"exp": "soon"}), "Expiration Time claim (exp) must be an integer.", "payload"),
    (signed({"exp": None}), "Expiration Time claim (exp) must be an integer.", "payload"),
    (signed(b'{"exp": Infinity}'), "Expiration Time claim (exp) must be an integer.", "payload"),
    (signed({"nbf": NOW_SECONDS + 2}), "The token is not yet valid (nbf)", "payload"),
    (signed({"nbf": []}), "Not Before claim (nbf) must be an integer.", "payload"),
    (signed({"iat": NOW_SECONDS + 2}), "The token is not yet valid (iat)", "payload"),
    (signed({"iat": {}}), "Issued At claim (iat) must be an integer.", "payload"),
    (signed({"sub": 7}), "Subject must be a string", "payload"),
    (signed({"jti": 7}), "JWT ID must be a string", "payload"),
]


@pytest.fixture
def pyjwt_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set PyJWT's clock to NOW: it has no argument for the time."""

    class Clock(type(NOW)):  # type: ignore[misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return NOW

    monkeypatch.setattr("jwt.api_jwt.datetime", Clock)


@pytest.mark.usefixtures("pyjwt_now")
@pytest.mark.parametrize(
    ("token", "reason", "blame"), INVALID, ids=[f"{n}-{reason[:40]}" for n, (_, reason, _) in enumerate(INVALID)]
)
def test_an_invalid_token_gets_the_message_of_pyjwt(token: str, reason: str, blame: str | None) -> None:
    result = verify_token(token)
    assert (result.valid, result.message, result.blame) == (False, f"Token is invalid --> {reason}", blame)
    assert result.claims is None
    with pytest.raises(jwt.PyJWTError) as raised:
        jwt.decode(token, SECRET, ["HS256"])
    assert str(raised.value) == reason


@each_algorithm
def test_a_valid_token_comes_with_its_claims(algorithm: Algorithm) -> None:
    made = key_for(algorithm)
    result = verify_token(
        encode_token('{"a": [1]}', algorithm, key=made.private, expires_in=60), algorithm, made.public
    )
    assert (result.valid, result.message, result.blame) == (True, "Token is valid", None)
    assert (result.notes, result.claims) == ((), {"a": [1], "exp": NOW_SECONDS + 60})


@pytest.mark.parametrize("algorithm", [a for a in Algorithm if a is not Algorithm.HS256])
def test_the_algorithm_is_the_one_that_was_chosen(algorithm: Algorithm) -> None:
    """Even for HS256 with a public key as the secret (RFC 8725 section 2.1)."""
    public = key_for(algorithm).public
    header, payload, _ = TOKEN.split(".")
    forged = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{header}.{payload}".encode(), public.encode()
    )
    result = verify_token(f"{header}.{payload}.{segment(forged)}", algorithm, public)
    assert (result.message, result.blame) == (
        "Token is invalid --> The specified alg value is not allowed",
        "header",
    )
    assert result.notes == (
        f'The header names "HS256". The lab used {algorithm}, as chosen: the header has no say in it.',
    )


def test_a_header_without_alg_is_noted() -> None:
    notes = verify_token(f"e30{TOKEN[TOKEN.index('.') :]}").notes
    assert notes == ("The header names no algorithm. The lab used HS256, as chosen.",)


def test_a_token_is_valid_to_the_second() -> None:
    token = encode_token("{}", expires_in=60)
    assert verify_token(token, now=NOW + 60 * SECOND - timedelta(microseconds=1)).valid
    assert verify_token(token, now=NOW + 60 * SECOND).message == "Token is invalid --> Signature has expired"
    later = signed({"nbf": NOW_SECONDS + 60, "iat": NOW_SECONDS})
    assert not verify_token(later, now=NOW + 59 * SECOND).valid
    assert verify_token(later, now=NOW + 60 * SECOND).valid


@pytest.mark.parametrize(
    ("token", "note"),
    [
        (f"{TOKEN}=", "Signature: It is padded with “=”, which RFC 7515 leaves out."),
        (
            signed(b'{"a": 1, "a": 2}'),
            "Payload: The name “a” occurs twice, and parsers differ on which one they use.",
        ),
        (signed(b'{"a": NaN}'), "Payload: NaN is not a JSON number."),
        (signed(b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"), "Payload: It is nested deeper than 32 levels."),
        (signed("{}".encode("utf-16")), "Payload: It is not UTF-8 text."),
    ],
    ids=lambda value: value[-30:],
)
def test_a_fault_that_pyjwt_accepts_is_noted(token: str, note: str) -> None:
    assert jwt.decode(token, SECRET, ["HS256"]) is not None
    result = verify_token(token)
    assert result.valid
    assert result.notes == (note,)


@pytest.mark.parametrize(
    "token",
    [
        "\ud800.\ud800.\ud800",
        "\x00.\x00.\x00",
        with_header(crit=["\ud800\u202e"]),
        with_header(crit=["x" * 5000]),
        signed(b"[" * 3000),
        signed(b'{"exp": ' + b"9" * 5000 + b"}"),
        f"{segment(b'[' * 3000)}.e30.AA",
        "x" * 16_385,
        "x." * 50_000,
    ],
    ids=lambda token: ascii(token[:12]),
)
def test_a_hostile_text_gets_a_short_printable_message(token: str) -> None:
    result = verify_token(token)
    assert not result.valid
    assert is_printable_line(result.message)
    assert result.message.startswith("Token is invalid --> ")
    assert len(result.message) < 1500


@pytest.mark.parametrize("text", ["x" * 16_385, f"{TOKEN}{'A' * 1_000_000}", "." * 16_385], ids=len)
def test_a_text_that_is_too_long_is_not_even_decoded(text: str) -> None:
    result = verify_token(text)
    assert (result.message, result.blame) == ("Token is invalid --> Longer than 16384 characters", None)


BAD_KEYS: list[Callable[[], object]] = [
    lambda: verify_token(TOKEN, key=""),
    lambda: verify_token(TOKEN, Algorithm.RS256, SECRET),
    lambda: verify_token(TOKEN, Algorithm.HS256, key_for(Algorithm.RS256).public),
]


@pytest.mark.parametrize("act", BAD_KEYS)
def test_an_unusable_key_is_not_blamed_on_the_token(act: Callable[[], object]) -> None:
    assert lab_error(act).field == "key"
