"""Encoding and decoding of tokens. The forgeries are in tests/security."""

import base64
import dataclasses
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.tokens import claims, codec, purposes
from daypass.tokens.claims import Claims, Token
from daypass.tokens.errors import InvalidToken, TokenFault
from tests.helpers.signing_keys import CLAIMS, NOW, each_algorithm, signing_key_for

KEY = signing_key_for(Algorithm.HS256)
RING = KeyRing([KEY])
TOKEN = codec.encode(CLAIMS, KEY)
SECOND, TINY = timedelta(seconds=1), timedelta(microseconds=1)
DEFAULTS: dict[str, Any] = {
    "ring": RING,
    "issuer": CLAIMS.issuer,
    "purposes": {purposes.SESSION: 86_400},
    "now": NOW,
}


def decode(text: str, **other: Any) -> Token:
    return codec.decode(text, **DEFAULTS | other)


def refusal(text: str, **other: Any) -> InvalidToken:
    with pytest.raises(InvalidToken) as refused:
        decode(text, **other)
    return refused.value


def signed(payload: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """This payload and header under a valid signature."""
    headers = {"kid": KEY.kid} | (header or {})
    return jwt.PyJWS().encode(json.dumps(payload).encode(), KEY.private, algorithm="HS256", headers=headers)


def part(token: str, which: int) -> Any:
    text = token.split(".")[which]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@each_algorithm
def test_claims_come_back_as_they_went(algorithm: Algorithm) -> None:
    key = signing_key_for(algorithm)
    token = codec.encode(CLAIMS, key)
    assert decode(token, ring=KeyRing([key])) == Token(CLAIMS, {"alg": algorithm.value, "typ": "JWT", "kid": key.kid})


@each_algorithm
def test_a_header_is_exactly_alg_typ_and_kid(algorithm: Algorithm) -> None:
    key = signing_key_for(algorithm)
    assert part(codec.encode(CLAIMS, key), 0) == {"alg": algorithm.value, "typ": "JWT", "kid": key.kid}


def test_a_payload_is_exactly_our_claims_with_moments_in_seconds() -> None:
    seconds = int(NOW.timestamp())
    assert part(TOKEN, 1) == {
        "iss": "https://login.example.org",
        "aud": "session",
        "sub": "a1",
        "sid": "5e",
        "name": "alice",
        "roles": ["admin", "editor"],
        "auth_time": seconds,
        "iat": seconds,
        "exp": seconds + 86_400,
        "until": seconds + 86_400,
    }


@given(
    st.text(st.characters(codec="utf-8"), max_size=64).filter(str.isprintable),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=16), max_size=4),
    st.integers(1, 86_400),
)
def test_any_name_and_roles_come_back(name: str, roles: list[str], lifetime: int) -> None:
    end = NOW + timedelta(seconds=lifetime)
    claims = dataclasses.replace(CLAIMS, name=name, roles=tuple(roles), expires_at=end, until=end)
    assert decode(codec.encode(claims, KEY)).claims == claims


def named(length: int) -> Claims:
    return dataclasses.replace(CLAIMS, name="x" * length)


def test_a_token_of_up_to_4096_characters_can_be_decoded() -> None:
    room = next(length for length in range(3_000, 2_000, -1) if _fits(named(length)))
    longest = codec.encode(named(room), KEY)
    assert len(longest) in (4095, 4096)
    assert decode(longest).claims == named(room)
    too_long = signed(claims.to_payload(named(room + 2)))
    assert len(too_long) > 4096
    assert refusal(too_long).reason == "too long"


def test_text_is_too_long_from_4097_characters() -> None:
    assert refusal("a.b." + "c" * 4092).reason != "too long"
    assert refusal("a.b." + "c" * 4093).reason == "too long"


def _fits(claims: Claims) -> bool:
    try:
        codec.encode(claims, KEY)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("moment", "fault"),
    [
        (CLAIMS.expires_at - SECOND, None),
        (CLAIMS.expires_at - TINY, None),
        (CLAIMS.expires_at, TokenFault.EXPIRED),
        (CLAIMS.expires_at + TINY, TokenFault.EXPIRED),
        (CLAIMS.expires_at + timedelta(days=3650), TokenFault.EXPIRED),
        (NOW - timedelta(seconds=60), None),
        (NOW - timedelta(seconds=60) - TINY, TokenFault.FORGED),
    ],
)
def test_a_token_expires_to_the_second(moment: Any, fault: TokenFault | None) -> None:
    if fault is None:
        assert decode(TOKEN, now=moment).claims == CLAIMS
        codec.check_time(CLAIMS, moment)
        return
    assert refusal(TOKEN, now=moment).fault is fault
    with pytest.raises(InvalidToken) as refused:
        codec.check_time(CLAIMS, moment)
    assert refused.value.fault is fault


def test_a_token_with_a_lifetime_above_the_maximum_is_refused() -> None:
    assert decode(TOKEN, purposes={purposes.SESSION: 86_400}).claims == CLAIMS
    assert refusal(TOKEN, purposes={purposes.SESSION: 86_399}).fault is TokenFault.FORGED


@pytest.mark.parametrize(
    "other",
    [
        {"purposes": {purposes.RESET: 86_400}},
        {"purposes": {"sess": 86_400}},
        {"issuer": "https://login.example.or"},
        {"issuer": "https://login.example.org/"},
        {"issuer": "http://login.example.org"},
    ],
    ids=str,
)
def test_a_token_for_another_site_or_purpose_is_refused(other: dict[str, Any]) -> None:
    assert refusal(TOKEN, **other).fault is TokenFault.FORGED


PAYLOAD = claims.to_payload(CLAIMS)
UNEXPECTED: list[dict[str, Any]] = [
    {"admin": True},
    {"nbf": PAYLOAD["iat"]},
    {"exp": str(PAYLOAD["exp"])},
    {"exp": float(PAYLOAD["exp"])},
    {"exp": True},
    {"exp": None},
    {"exp": 10**30},
    {"iat": -1},
    {"until": "never"},
    {"auth_time": [PAYLOAD["iat"]]},
    {"aud": ["session"]},
    {"aud": ["session", "setup"]},
    {"iss": ["https://login.example.org"]},
    {"sub": ""},
    {"sub": "a1\0"},
    {"sub": "../a1"},
    {"sid": "5E"},
    {"sid": "x" * 65},
    {"name": None},
    {"name": "alice\n"},
    {"roles": "admin"},
    {"roles": [["admin"]]},
    {"roles": {"admin": True}},
]


@pytest.mark.parametrize("change", UNEXPECTED, ids=str)
def test_a_signed_token_with_an_unexpected_claim_is_refused(change: dict[str, Any]) -> None:
    assert refusal(signed(PAYLOAD | change)).fault is TokenFault.FORGED


API_CLAIMS = dataclasses.replace(CLAIMS, purpose=purposes.API, hosts=("login.example.org", "[::1]"))
API_PURPOSE = {"purposes": {purposes.API: 86_400}}


def test_only_an_api_token_has_hosts() -> None:
    assert claims.to_payload(API_CLAIMS)["hosts"] == ["login.example.org", "[::1]"]
    assert decode(codec.encode(API_CLAIMS, KEY), **API_PURPOSE).claims == API_CLAIMS
    older = dataclasses.replace(API_CLAIMS, hosts=None)
    assert decode(codec.encode(older, KEY), **API_PURPOSE).claims == older
    assert "hosts" not in PAYLOAD
    assert refusal(signed(PAYLOAD | {"hosts": ["login.example.org"]})).reason.startswith("hosts ")


@pytest.mark.parametrize(
    "hosts",
    [None, "login.example.org", [], [""], [1], [["a"]], {"a": True}, ["a", "a"], ["*"], ["A"], ["a/b"], ["a\n"], ["a "],
     ["x" * 255]],
    ids=str,
)  # fmt: skip
def test_a_signed_token_with_unexpected_hosts_is_refused(hosts: Any) -> None:
    text = signed(claims.to_payload(API_CLAIMS) | {"hosts": hosts})
    assert refusal(text, **API_PURPOSE).reason.startswith("hosts ")


@pytest.mark.parametrize("claim", list(PAYLOAD))
def test_no_claim_may_be_missing(claim: str) -> None:
    payload = {name: value for name, value in PAYLOAD.items() if name != claim}
    assert refusal(signed(payload)).fault is TokenFault.FORGED


@pytest.mark.parametrize(
    "header",
    [{"typ": "at+jwt"}, {"typ": None}, {"kid": "other"}, {"kid": ""}, {"cty": "JWT"}, {"jku": "https://evil.example"}],
    ids=str,
)
def test_a_signed_token_with_an_unexpected_header_is_refused(header: dict[str, Any]) -> None:
    assert decode(signed(PAYLOAD)).claims == CLAIMS
    assert refusal(signed(PAYLOAD, header)).fault is TokenFault.FORGED


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", f"{TOKEN}=", f"{TOKEN}\n", f" {TOKEN}", f"{TOKEN}.", f"Bearer {TOKEN}"],
)
def test_text_of_another_shape_is_refused(text: str) -> None:
    assert refusal(text).fault is TokenFault.FORGED


@given(st.one_of(st.text(), st.from_regex(codec.COMPACT_FORM, fullmatch=True)))
def test_no_text_raises_anything_but_invalid_token(text: str) -> None:
    assert refusal(text).fault is TokenFault.FORGED
