"""Findings about the signing keys."""

from datetime import UTC, datetime, timedelta

import pytest

from daypass.database.models import StoredKey
from daypass.doctor.key_ring import check_choice, check_decryption
from daypass.keys import encryption, signing_key
from daypass.keys.algorithms import Algorithm
from tests.conftest import SECRET_KEY
from tests.doctor.findings import only_finding

OTHER, THIRD = SECRET_KEY[::-1], SECRET_KEY[1:] + SECRET_KEY[0]
NOW = datetime.now(UTC)


def key(secret_key: str = SECRET_KEY, algorithm: Algorithm = Algorithm.HS256, days: int = 1) -> StoredKey:
    """The row of a signing key that was generated so many days ago."""
    generated = signing_key.generate(algorithm)
    return StoredKey(
        kid=generated.kid,
        algorithm=algorithm.value,
        sealed=encryption.encrypt_private(generated, secret_key),
        created_at=NOW - timedelta(days=days),
        retired_at=None,
    )


def retired(row: StoredKey) -> StoredKey:
    row.retired_at = NOW
    return row


def test_keys_that_the_secret_key_opens_are_not_mentioned() -> None:
    assert list(check_decryption([key(), key()], SECRET_KEY, [])) == []
    assert list(check_decryption([], SECRET_KEY, [])) == []


@pytest.mark.parametrize("fallbacks", [[], [THIRD]])
def test_a_key_of_a_node_with_another_secret_key_is_wrong_and_named(fallbacks: list[str]) -> None:
    ours, theirs = key(), key(OTHER)
    found = [finding for finding in check_decryption([ours, theirs], SECRET_KEY, fallbacks) if finding.is_problem]
    finding = only_finding(found)
    assert theirs.kid in finding.message and ours.kid not in finding.message
    assert "a secret key that is neither DAYPASS_SECRET_KEY" in finding.message
    assert f"daypass keys drop {theirs.kid}" in finding.remedy


def test_a_key_that_was_tampered_with_is_wrong() -> None:
    short = signing_key.SigningKey("k1", Algorithm.HS256, b"too short")
    row = StoredKey(kid="k1", algorithm="HS256", sealed=encryption.encrypt_private(short, SECRET_KEY))
    found = only_finding(check_decryption([row], SECRET_KEY, []))
    assert found.is_problem
    assert "needs 32 bytes" in found.message


def test_keys_under_a_fallback_need_to_be_reencrypted() -> None:
    first, second = key(OTHER), key(OTHER)
    found = only_finding(check_decryption([first, key(), second], SECRET_KEY, [OTHER]))
    assert not found.is_problem
    assert f"keys {first.kid} and {second.kid} are" in found.message
    assert "daypass keys reencrypt" in found.remedy


def test_fallbacks_that_no_key_needs_can_be_removed() -> None:
    found = only_finding(check_decryption([key()], SECRET_KEY, [OTHER]))
    assert not found.is_problem
    assert "no key needs it" in found.message


def test_a_young_key_of_the_configured_algorithm_is_not_mentioned() -> None:
    assert list(check_choice([key(days=364)], Algorithm.HS256, NOW)) == []
    assert list(check_choice([], Algorithm.HS256, NOW)) == []


@pytest.mark.parametrize("rows", [[], [key(algorithm=Algorithm.RS256)]], ids=["to come", "signing"])
def test_rs256_is_worth_knowing(rows: list[StoredKey]) -> None:
    found = only_finding(check_choice(rows, Algorithm.RS256, NOW))
    assert not found.is_problem
    assert found.message.startswith("RS256 is in use")


def test_rs256_that_still_signs_is_worth_knowing_even_if_new_keys_use_another_algorithm() -> None:
    found = [finding.message for finding in check_choice([key(algorithm=Algorithm.RS256)], Algorithm.EDDSA, NOW)]
    assert found[0].startswith("RS256 is in use") and "the key that signs is for RS256" in found[1]


def test_a_retired_key_is_not_checked() -> None:
    former = retired(key(algorithm=Algorithm.RS256, days=1000))
    assert list(check_choice([key(), former], Algorithm.HS256, NOW)) == []


def test_a_configured_algorithm_that_no_key_has_yet_is_worth_knowing() -> None:
    found = only_finding(check_choice([key()], Algorithm.EDDSA, NOW))
    assert not found.is_problem
    assert "DAYPASS_ALGORITHM is EdDSA, but the key that signs is for HS256" in found.message


def test_a_key_older_than_a_year_is_worth_knowing() -> None:
    old = key(days=366)
    found = only_finding(check_choice([old], Algorithm.HS256, NOW))
    assert not found.is_problem
    assert old.kid in found.message
