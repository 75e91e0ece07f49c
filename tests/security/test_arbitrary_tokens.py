"""Whatever the text is, and whatever JSON stands above our own signature: a token, or InvalidToken."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from daypass.lab.attacks.forging import to_json
from daypass.tokens import claims
from daypass.tokens.errors import InvalidToken, TokenFault
from tests.helpers.json_strategies import json_values
from tests.security.decoding import DAY, read, refused
from tests.security.forging import RINGS, Target
from tests.security.target_app import World

near_moments = st.integers(-2 * DAY, 2 * DAY)


@settings(deadline=None)
@given(st.text(st.characters()) | st.text("Ae0-_.=") | st.from_regex(r"[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){2}"))
def test_any_text_is_refused(worlds: Callable[[str], World], text: str) -> None:
    assert refused(worlds("ES256").target, text) is TokenFault.FORGED


@settings(deadline=None)
@given(st.data())
def test_any_change_of_a_token_is_refused(worlds: Callable[[str], World], data: st.DataObject) -> None:
    target = worlds(data.draw(st.sampled_from(RINGS))).target
    start = data.draw(st.integers(0, len(target.token)))
    end = data.draw(st.integers(start, len(target.token)))
    instead = data.draw(st.text("Ae0-_.=") | st.text(st.characters(), max_size=8))
    text = target.token[:start] + instead + target.token[end:]
    if text != target.token:
        assert refused(target, text) is TokenFault.FORGED


@settings(deadline=None)
@given(header=st.binary(max_size=200), payload=st.binary(max_size=200))
def test_any_bytes_above_our_own_signature_are_refused(
    worlds: Callable[[str], World], header: bytes, payload: bytes
) -> None:
    target = worlds("HS256").target
    refused(target, target.signed(header, payload))
    refused(target, target.signed(payload=payload))


@settings(deadline=None)
@given(header=json_values, payload=json_values)
def test_any_json_above_our_own_signature_is_refused(worlds: Callable[[str], World], header: Any, payload: Any) -> None:
    target = worlds("HS256").target
    refused(target, target.signed(to_json(header), to_json(payload)))
    refused(target, target.signed(payload=to_json(payload)))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_our_own_signature_is_believed_above_honest_claims_only(
    worlds: Callable[[str], World], data: st.DataObject
) -> None:
    target = worlds("HS256").target
    header = target.header | data.draw(_changes([*target.header, "crit", "jwk"], most=1))
    payload = target.payload | data.draw(_changes([*target.payload, "nbf", "jti"], most=3))
    for name in data.draw(st.sets(st.sampled_from(["iat", "exp", "until", "auth_time"]), max_size=2)):
        payload[name] = target.payload[name] + data.draw(near_moments)
    now = datetime.now(UTC)
    try:
        token = read(target, target.signed(to_json(header), to_json(payload)), now=now)
    except InvalidToken:
        return
    assert header == target.header
    assert set(payload) == set(target.payload)
    assert {name: type(value) for name, value in payload.items()} == _types(target)
    assert (payload["iss"], payload["aud"]) == (target.payload["iss"], "session")
    assert now.timestamp() < payload["exp"] <= payload["iat"] + DAY
    assert payload["iat"] <= now.timestamp() + 60
    assert claims.to_payload(token.claims) == payload


def _changes(names: list[str], most: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), json_values, max_size=most)


def _types(target: Target) -> dict[str, type]:
    return {name: type(value) for name, value in target.payload.items()}
