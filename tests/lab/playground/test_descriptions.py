"""Explanations of claims and header members."""

from datetime import timedelta
from typing import Any

import pytest

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import descriptions
from daypass.lab.playground.descriptions import distance, explain_claims, explain_header
from daypass.tokens import claims
from tests.helpers.signing_keys import CLAIMS
from tests.lab.playground.shortcuts import NOW, NOW_SECONDS, is_printable_line

PRIVATE_CLAIM = "A private claim. Its meaning is defined by the issuer"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (1, "in 1 second"),
        (-1, "1 second ago"),
        (59, "in 59 seconds"),
        (60, "in 1 minute"),
        (-119, "1 minute ago"),
        (7200, "in 2 hours"),
        (-86_399, "23 hours ago"),
        (86_400, "in 1 day"),
        (-365 * 86_400, "365 days ago"),
        (731 * 86_400, "in 2 years"),
    ],
)
def test_a_time_difference_is_given_in_its_largest_unit(seconds: int, words: str) -> None:
    assert distance(NOW + timedelta(seconds=seconds), NOW) == words


def test_a_time_claim_comes_with_its_time_and_the_difference_from_now() -> None:
    (line,) = explain_claims({"exp": NOW_SECONDS + 59}, NOW)
    assert (line.name, line.value, line.meaning) == ("exp", str(NOW_SECONDS + 59), "Expiry time")
    assert (line.moment, line.words) == (NOW + timedelta(seconds=59), "in 59 seconds")
    (line,) = explain_claims({"iat": NOW_SECONDS - 7200.5}, NOW)
    assert line.words == "2 hours ago"


@pytest.mark.parametrize(
    "value", ["soon", None, True, [], {}, 10**30, -(10**30), 1e300, float("inf"), float("nan"), "1"]
)
def test_a_time_claim_with_another_value_is_explained_as_such(value: Any) -> None:
    for name in descriptions.TIMES:
        (line,) = explain_claims({name: value}, NOW)
        assert (line.moment, line.words) == (None, "")
        assert line.meaning.endswith("but this value is not a number of seconds since 1970")


def test_every_claim_of_the_rfc_and_of_a_pass_has_a_meaning_of_its_own() -> None:
    registered = dict.fromkeys(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"], 0)
    lines = explain_claims(registered | claims.to_payload(CLAIMS), NOW)
    assert [line.name for line in lines] == list(registered | claims.to_payload(CLAIMS))
    meanings = [line.meaning for line in lines]
    assert PRIVATE_CLAIM not in meanings
    assert len(set(meanings)) == len(meanings)
    assert explain_claims({"sender": "alice"}, NOW)[0].meaning == PRIVATE_CLAIM


def test_every_member_of_a_header_has_a_meaning() -> None:
    members = ["alg", "typ", "kid", "jwk", "jku", "x5u", "x5c", "x5t", "crit", "cty", "b64", "enc", "zip"]
    lines = explain_header(dict.fromkeys(members))
    assert [line.name for line in lines] == members
    assert "A private header member, defined by the issuer" not in [line.meaning for line in lines]
    assert explain_header({"x": 1})[0].meaning == "A private header member, defined by the issuer"


def test_every_algorithm_is_explained_and_so_is_none() -> None:
    meanings = {explain_header({"alg": algorithm.value})[0].meaning for algorithm in Algorithm}
    assert len(meanings) == len(Algorithm)
    assert all(meaning.startswith("Signed with ") for meaning in meanings)
    for spelling in ("none", "nOnE", "NONE "):
        assert explain_header({"alg": spelling})[0].meaning == "Not signed: anyone could have written this token"
    for strange in ("hs256", None, 7, ["HS256"], {"a": 1}):
        assert explain_header({"alg": strange})[0].meaning == "Not an algorithm that the lab knows"


def test_explained_names_and_values_are_printable() -> None:
    for line in explain_claims({"\u202e\ud800\n": "\u202e\ud800\n", "exp": "\x00"}, NOW):
        assert is_printable_line(line.name)
        assert is_printable_line(line.value)
