"""Arbitrary texts and JSON give a valid token or InvalidToken, nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from daypass.lab.attacks.forging import to_json
from daypass.tokens import claims
from daypass.tokens.errors import InvalidToken, TokenFault
from tests.helpers.rounds import rounds
from tests.security.decoding import DAY, decode, fault_of
from tests.security.forging import ALGORITHMS, Target
from tests.security.target_app import TargetApp

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=8,
)
seconds_around_now = st.integers(-2 * DAY, 2 * DAY)


@given(st.text(st.characters()) | st.text("Ae0-_.=") | st.from_regex(r"[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){2}"))
def test_any_text_is_refused(target_apps: Callable[[str], TargetApp], text: str) -> None:
    assert fault_of(target_apps("ES256").target, text) is TokenFault.FORGED


@given(st.data())
def test_any_change_of_a_token_is_refused(target_apps: Callable[[str], TargetApp], data: st.DataObject) -> None:
    target = target_apps(data.draw(st.sampled_from(ALGORITHMS))).target
    start = data.draw(st.integers(0, len(target.token)))
    end = data.draw(st.integers(start, len(target.token)))
    replacement = data.draw(st.text("Ae0-_.=") | st.text(st.characters(), max_size=8))
    text = target.token[:start] + replacement + target.token[end:]
    if text != target.token:
        assert fault_of(target, text) is TokenFault.FORGED


@given(header=st.binary(max_size=200), payload=st.binary(max_size=200))
def test_any_bytes_with_a_valid_signature_are_refused(
    target_apps: Callable[[str], TargetApp], header: bytes, payload: bytes
) -> None:
    target = target_apps("HS256").target
    fault_of(target, target.signed(header, payload))
    fault_of(target, target.signed(payload=payload))


@given(header=json_values, payload=json_values)
def test_any_json_with_a_valid_signature_is_refused(
    target_apps: Callable[[str], TargetApp], header: Any, payload: Any
) -> None:
    target = target_apps("HS256").target
    fault_of(target, target.signed(to_json(header), to_json(payload)))
    fault_of(target, target.signed(payload=to_json(payload)))


@settings(max_examples=rounds(full=200, quick=50))
@given(st.data())
def test_a_valid_signature_is_accepted_with_well_formed_claims_only(
    target_apps: Callable[[str], TargetApp], data: st.DataObject
) -> None:
    target = target_apps("HS256").target
    header, payload = data.draw(_header_and_payload(target))
    now = datetime.now(UTC)
    try:
        token = decode(target, target.signed(to_json(header), to_json(payload)), now=now)
    except InvalidToken:
        return
    assert header == target.header
    assert set(payload) == set(target.payload)
    assert {name: type(value) for name, value in payload.items()} == _types(target)
    assert (payload["iss"], payload["aud"]) == (target.payload["iss"], "session")
    assert now.timestamp() < payload["exp"] <= payload["iat"] + DAY
    assert payload["iat"] <= now.timestamp() + 60
    assert claims.to_payload(token.claims) == payload


@st.composite
def _header_and_payload(draw: st.DrawFn, target: Target) -> tuple[dict[str, Any], dict[str, Any]]:
    """The genuine ones with one kind of change, so that nothing else is a reason to refuse them."""
    kind = draw(st.sampled_from(["header", "claims", "unknown claim", "times"]))
    header, payload = target.header, dict(target.payload)
    if kind == "header":
        header = header | draw(_changes([*header, "crit", "jwk"], most=1))
    elif kind == "claims":
        payload |= draw(_changes(list(payload), most=2))
    elif kind == "unknown claim":
        payload |= draw(_changes(["nbf", "jti", "scope", "admin"], most=1))
    else:
        for name in draw(st.sets(st.sampled_from(["iat", "exp", "until", "auth_time"]), max_size=2)):
            payload[name] = draw(st.sampled_from([int, float, str]))(payload[name] + draw(seconds_around_now))
    return header, payload


def _changes(names: list[str], most: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), json_values, max_size=most)


def _types(target: Target) -> dict[str, type]:
    return {name: type(value) for name, value in target.payload.items()}
