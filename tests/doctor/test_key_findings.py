"""What is told about the signing keys."""

from datetime import UTC, datetime, timedelta

import pytest

from daypass.database.models import StoredKey
from daypass.doctor.key_ring import check_choice, check_decryption
from daypass.keys import encryption, signing_key
from daypass.keys.algorithms import Algorithm
from tests.conftest import SECRET_KEY
from tests.doctor.findings import one, told

OTHER, THIRD = SECRET_KEY[::-1], SECRET_KEY[1:] + SECRET_KEY[0]
NOW = datetime.now(UTC)


def key(secret_key: str = SECRET_KEY, algorithm: Algorithm = Algorithm.HS256, days: int = 1) -> StoredKey:
    """A key that signs, as the database has it, made so many days ago."""
    made = signing_key.generate(algorithm)
    return StoredKey(
        kid=made.kid,
        algorithm=algorithm.value,
        sealed=encryption.encrypt_private(made, secret_key),
        created_at=NOW - timedelta(days=days),
        retired_at=None,
    )


def retired(row: StoredKey) -> StoredKey:
    row.retired_at = NOW
    return row


def test_keys_that_the_secret_key_opens_are_not_mentioned() -> None:
    assert told(check_decryption([key(), key()], SECRET_KEY, [])) == []
    assert told(check_decryption([], SECRET_KEY, [])) == []


@pytest.mark.parametrize("fallbacks", [[], [THIRD]])
def test_a_key_of_a_node_with_another_secret_key_is_wrong_and_named(fallbacks: list[str]) -> None:
    ours, theirs = key(), key(OTHER)
    found = [finding for finding in check_decryption([ours, theirs], SECRET_KEY, fallbacks) if finding.is_problem]
    finding = one(found)
    assert theirs.kid in finding.message and ours.kid not in finding.message
    assert "DAYPASS_SECRET_KEY is not the one" in finding.message
    assert f"flask keys drop {theirs.kid}" in finding.remedy


def test_a_key_that_was_tampered_with_is_wrong() -> None:
    short = signing_key.SigningKey("k1", Algorithm.HS256, b"too short")
    row = StoredKey(kid="k1", algorithm="HS256", sealed=encryption.encrypt_private(short, SECRET_KEY))
    found = one(check_decryption([row], SECRET_KEY, []))
    assert found.is_problem
    assert "needs 32 bytes" in found.message


def test_keys_under_a_fallback_are_to_be_encrypted_anew() -> None:
    first, second = key(OTHER), key(OTHER)
    found = one(check_decryption([first, key(), second], SECRET_KEY, [OTHER]))
    assert not found.is_problem
    assert f"keys {first.kid} and {second.kid} are" in found.message
    assert "flask keys reencrypt" in found.remedy


def test_fallbacks_that_no_key_needs_are_to_be_taken_away() -> None:
    found = one(check_decryption([key()], SECRET_KEY, [OTHER]))
    assert not found.is_problem
    assert "no key needs it" in found.message


def test_a_good_choice_is_not_mentioned() -> None:
    assert told(check_choice([key(days=364)], Algorithm.HS256, NOW)) == []
    assert told(check_choice([], Algorithm.HS256, NOW)) == []


@pytest.mark.parametrize("rows", [[], [key(algorithm=Algorithm.RS256)]], ids=["to come", "signing"])
def test_rs256_is_worth_knowing(rows: list[StoredKey]) -> None:
    found = one(check_choice(rows, Algorithm.RS256, NOW))
    assert not found.is_problem
    assert found.message.startswith("RS256 is in use")


def test_rs256_that_still_signs_is_worth_knowing_whatever_new_keys_will_be() -> None:
    found = [finding.message for finding in check_choice([key(algorithm=Algorithm.RS256)], Algorithm.EDDSA, NOW)]
    assert found[0].startswith("RS256 is in use") and "the key that signs is for RS256" in found[1]


def test_a_retired_key_is_no_choice_of_today() -> None:
    former = retired(key(algorithm=Algorithm.RS256, days=1000))
    assert told(check_choice([key(), former], Algorithm.HS256, NOW)) == []


def test_a_setting_that_no_key_has_yet_is_worth_knowing() -> None:
    found = one(check_choice([key()], Algorithm.EDDSA, NOW))
    assert not found.is_problem
    assert "DAYPASS_ALGORITHM is EdDSA, but the key that signs is for HS256" in found.message


def test_a_key_older_than_a_year_is_worth_knowing() -> None:
    old = key(days=366)
    found = one(check_choice([old], Algorithm.HS256, NOW))
    assert not found.is_problem
    assert old.kid in found.message
