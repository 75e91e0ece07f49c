"""Check the signing keys: that this node can decrypt them, and that algorithm and age are up to date."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from daypass.database.models import StoredKey
from daypass.doctor.finding import Finding, Findings, join_names
from daypass.keys import encryption
from daypass.keys.algorithms import Algorithm
from daypass.keys.errors import UnreadableKey

YEAR = timedelta(days=365)


def check_decryption(rows: Sequence[StoredKey], secret_key: str, fallbacks: Sequence[str]) -> Findings:
    """Check that this node can decrypt every key, which fails if another node uses a different secret key."""
    under_fallback = []
    for row in rows:
        if _decrypts(row, secret_key):
            continue
        if _decrypts(row, *fallbacks):
            under_fallback.append(row.kid)
        else:
            yield _undecryptable(row, secret_key, *fallbacks)
    if under_fallback:
        one = len(under_fallback) == 1
        yield Finding(
            f"The signing {'key' if one else 'keys'} {join_names(under_fallback)} {'is' if one else 'are'} still "
            "encrypted under one of DAYPASS_SECRET_KEY_FALLBACKS.",
            "Run `daypass keys reencrypt`, once every node has the new DAYPASS_SECRET_KEY.",
            is_problem=False,
        )
    elif fallbacks:
        yield Finding(
            "DAYPASS_SECRET_KEY_FALLBACKS is set, but no key needs it.",
            "Remove it, unless you are about to change DAYPASS_SECRET_KEY.",
            is_problem=False,
        )


def _decrypts(row: StoredKey, *secret_keys: str) -> bool:
    try:
        encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *secret_keys)
    except UnreadableKey:
        return False
    return True


def _undecryptable(row: StoredKey, *secret_keys: str) -> Finding:
    try:
        encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *secret_keys)
    except UnreadableKey as error:
        return Finding(
            f"The signing key {row.kid} cannot be decrypted: {error}",
            "Set DAYPASS_SECRET_KEY on every node to its value at the time when this key was created. If that is lost, "
            f"run `daypass keys drop {row.kid}`; the tokens that the key signed are then refused.",
        )
    raise AssertionError(row.kid)


def check_choice(rows: Sequence[StoredKey], algorithm: Algorithm, now: datetime) -> Findings:
    """Check algorithm and age of the key that signs. algorithm: the algorithm of new keys."""
    signing = next((row for row in rows if row.retired_at is None), None)
    if Algorithm.RS256 in (algorithm, signing and signing.algorithm):
        yield Finding(
            "RS256 is in use. Its padding, PKCS #1 v1.5, is no longer approved for new systems (ASVS 5, appendix C).",
            "If the services that verify tokens support it, set DAYPASS_ALGORITHM to EdDSA, ES256 or PS256 and run "
            "`daypass keys rotate`.",
            is_problem=False,
        )
    if signing is None:
        return
    if signing.algorithm != algorithm:
        yield Finding(
            f"DAYPASS_ALGORITHM is {algorithm}, but the key that signs is for {signing.algorithm}: the setting applies "
            "to new keys only.",
            "Run `daypass keys rotate` to create a new key now.",
            is_problem=False,
        )
    if now - signing.created_at > YEAR:
        yield Finding(
            f"The key that signs, {signing.kid}, is older than a year.",
            "Run `daypass keys rotate`, or set DAYPASS_KEY_ROTATION_DAYS to 90 to rotate keys automatically.",
            is_problem=False,
        )
