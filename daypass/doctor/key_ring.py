"""The signing keys: does this node's secret key open them, and are they what one would choose today?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from daypass.database.models import StoredKey
from daypass.doctor.finding import Finding, Findings, listed
from daypass.keys import encryption
from daypass.keys.algorithms import Algorithm
from daypass.keys.errors import UnreadableKey

YEAR = timedelta(days=365)


def check_opening(rows: Sequence[StoredKey], secret_key: str, fallbacks: Sequence[str]) -> Findings:
    """Two nodes that were given two secret keys are seen here: what one of them sealed, the other cannot open."""
    under_fallback = []
    for row in rows:
        if _opens(row, secret_key):
            continue
        if _opens(row, *fallbacks):
            under_fallback.append(row.kid)
        else:
            yield _unopened(row, secret_key, *fallbacks)
    if under_fallback:
        one = len(under_fallback) == 1
        yield Finding(
            f"The signing {'key' if one else 'keys'} {listed(under_fallback)} {'is' if one else 'are'} still encrypted "
            "under one of DAYPASS_SECRET_KEY_FALLBACKS.",
            "Run `flask keys reencrypt`, once every node has the new DAYPASS_SECRET_KEY.",
            wrong=False,
        )
    elif fallbacks:
        yield Finding(
            "DAYPASS_SECRET_KEY_FALLBACKS is set, and no key needs it.",
            "Take it away, unless you are about to change DAYPASS_SECRET_KEY.",
            wrong=False,
        )


def _opens(row: StoredKey, *secret_keys: str) -> bool:
    try:
        encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *secret_keys)
    except UnreadableKey:
        return False
    return True


def _unopened(row: StoredKey, *secret_keys: str) -> Finding:
    try:
        encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *secret_keys)
    except UnreadableKey as error:
        return Finding(
            f"The signing key {row.kid} does not open here: {error}",
            "Give every node the same DAYPASS_SECRET_KEY, the one that made this key; if that is lost, run "
            f"`flask keys drop {row.kid}`, which refuses what it has signed.",
        )
    raise AssertionError(row.kid)


def check_choice(rows: Sequence[StoredKey], algorithm: Algorithm, now: datetime) -> Findings:
    """The key that signs: its algorithm and its age. algorithm: of new keys."""
    signing = next((row for row in rows if row.retired_at is None), None)
    if Algorithm.RS256 in (algorithm, signing and signing.algorithm):
        yield Finding(
            "RS256 is in use, whose padding (PKCS #1 v1.5) is no longer approved for new systems (ASVS 5, appendix C).",
            "Where the services that verify can do so, set DAYPASS_ALGORITHM to EdDSA, ES256 or PS256 and run "
            "`flask keys rotate`.",
            wrong=False,
        )
    if signing is None:
        return
    if signing.algorithm != algorithm:
        yield Finding(
            f"DAYPASS_ALGORITHM is {algorithm}, and the key that signs is for {signing.algorithm}: the setting is for "
            "new keys.",
            "Run `flask keys rotate` to have a new key now.",
            wrong=False,
        )
    if now - signing.created_at > YEAR:
        yield Finding(
            f"The key that signs, {signing.kid}, is older than a year.",
            "Run `flask keys rotate`, or set DAYPASS_KEY_ROTATION_DAYS to 90 to have it done.",
            wrong=False,
        )
