"""The lab's verdict: PyJWT's own words, the part to blame, and the algorithm that was chosen."""

import base64
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
    SECONDS,
    SECRET,
    each_algorithm,
    is_showable,
    judge,
    key_of,
    refusal,
    write,
)

TOKEN = write()
SECOND = timedelta(seconds=1)


def signed(payload: Any, header: dict[str, Any] | None = None) -> str:
    """Whatever is asked for, under a signature that is right."""
    raw = payload if isinstance(payload, bytes) else to_json(payload)
    return jwt.PyJWS().encode(raw, SECRET.encode(), "HS256", headers=header)


def with_header(**members: Any) -> str:
    """The token under another header, its signature kept."""
    return tampering.replace_header(TOKEN, json.dumps({"alg": "HS256", "typ": "JWT"} | members))


def segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


INVALID = [
    ("", "Not enough segments", None),
    ("abc", "Not enough segments", None),
    ("a.b", "Not enough segments", None),
    (tampering.change_character(TOKEN, len(TOKEN) - 1), "Signature verification failed", "signature"),
    (tampering.cut_signature(TOKEN), "Signature verification failed", "signature"),
    (tampering.replace_claim(TOKEN, "sender", '"eve"'), "Signature verification failed", "signature"),
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
    (signed({"exp": SECONDS}), "Signature has expired", "payload"),
    (signed({"exp": "soon"}), "Expiration Time claim (exp) must be an integer.", "payload"),
    (signed({"exp": None}), "Expiration Time claim (exp) must be an integer.", "payload"),
    (signed(b'{"exp": Infinity}'), "Expiration Time claim (exp) must be an integer.", "payload"),
    (signed({"nbf": SECONDS + 2}), "The token is not yet valid (nbf)", "payload"),
    (signed({"nbf": []}), "Not Before claim (nbf) must be an integer.", "payload"),
    (signed({"iat": SECONDS + 2}), "The token is not yet valid (iat)", "payload"),
    (signed({"iat": {}}), "Issued At claim (iat) must be an integer.", "payload"),
    (signed({"sub": 7}), "Subject must be a string", "payload"),
    (signed({"jti": 7}), "JWT ID must be a string", "payload"),
]


@pytest.fixture
def pyjwt_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyJWT has no argument for the time that it is: it gets a clock that stands at NOW."""

    class Clock(type(NOW)):  # type: ignore[misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return NOW

    monkeypatch.setattr("jwt.api_jwt.datetime", Clock)


@pytest.mark.usefixtures("pyjwt_now")
@pytest.mark.parametrize(
    ("token", "why", "blame"), INVALID, ids=[f"{n}-{why[:40]}" for n, (_, why, _) in enumerate(INVALID)]
)
def test_an_invalid_token_is_told_why_in_pyjwts_own_words(token: str, why: str, blame: str | None) -> None:
    judgement = judge(token)
    assert (judgement.valid, judgement.message, judgement.blame) == (False, f"Token is invalid --> {why}", blame)
    assert judgement.claims is None
    with pytest.raises(jwt.PyJWTError) as refused:
        jwt.decode(token, SECRET, ["HS256"])
    assert str(refused.value) == why


@each_algorithm
def test_a_good_token_is_valid_and_brings_its_claims(algorithm: Algorithm) -> None:
    made = key_of(algorithm)
    judgement = judge(write('{"a": [1]}', algorithm, key=made.private, expires_in=60), algorithm, made.public)
    assert (judgement.valid, judgement.message, judgement.blame) == (True, "Token is valid", None)
    assert (judgement.notes, judgement.claims) == ((), {"a": [1], "exp": SECONDS + 60})


@pytest.mark.parametrize("algorithm", [a for a in Algorithm if a is not Algorithm.HS256])
def test_the_algorithm_is_the_one_that_was_chosen(algorithm: Algorithm) -> None:
    """Also where the key would fit: HS256 under the text of a public key is the oldest trick (RFC 8725 section 2.1)."""
    public = key_of(algorithm).public
    head, body, _ = TOKEN.split(".")
    forged = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{head}.{body}".encode(), public.encode()
    )
    judgement = judge(f"{head}.{body}.{segment(forged)}", algorithm, public)
    assert (judgement.message, judgement.blame) == (
        "Token is invalid --> The specified alg value is not allowed",
        "header",
    )
    assert judgement.notes == (
        f'The header names "HS256". {algorithm} was chosen to check the token, and the header has no say in it.',
    )


def test_a_header_without_alg_is_remarked_on() -> None:
    notes = judge(f"e30{TOKEN[TOKEN.index('.') :]}").notes
    assert notes == ("The header names no algorithm. HS256 was chosen to check the token.",)


def test_a_token_is_good_to_the_second() -> None:
    token = write("{}", expires_in=60)
    assert judge(token, now=NOW + 60 * SECOND - timedelta(microseconds=1)).valid
    assert judge(token, now=NOW + 60 * SECOND).message == "Token is invalid --> Signature has expired"
    later = signed({"nbf": SECONDS + 60, "iat": SECONDS})
    assert not judge(later, now=NOW + 59 * SECOND).valid
    assert judge(later, now=NOW + 60 * SECOND).valid


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
        (signed("{}".encode("utf-16")), "Payload: It is not text in UTF-8."),
    ],
    ids=lambda value: value[-30:],
)
def test_what_pyjwt_lets_pass_and_a_stricter_reader_would_not_is_noted(token: str, note: str) -> None:
    assert jwt.decode(token, SECRET, ["HS256"]) is not None
    judgement = judge(token)
    assert judgement.valid
    assert judgement.notes == (note,)


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
def test_a_hostile_text_is_told_in_a_short_sentence_that_can_be_shown(token: str) -> None:
    judgement = judge(token)
    assert not judgement.valid
    assert is_showable(judgement.message)
    assert judgement.message.startswith("Token is invalid --> ")
    assert len(judgement.message) < 1500


@pytest.mark.parametrize("text", ["x" * 16_385, f"{TOKEN}{'A' * 1_000_000}", "." * 16_385], ids=len)
def test_a_text_that_is_too_long_is_not_even_decoded(text: str) -> None:
    judgement = judge(text)
    assert (judgement.message, judgement.blame) == ("Token is invalid --> Longer than 16384 characters", None)


BAD_KEYS: list[Callable[[], object]] = [
    lambda: judge(TOKEN, key=""),
    lambda: judge(TOKEN, Algorithm.RS256, SECRET),
    lambda: judge(TOKEN, Algorithm.HS256, key_of(Algorithm.RS256).public),
]


@pytest.mark.parametrize("act", BAD_KEYS)
def test_a_key_that_cannot_be_used_is_refused_and_not_blamed_on_the_token(act: Callable[[], object]) -> None:
    assert refusal(act).field == "key"
