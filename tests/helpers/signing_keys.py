"""Signing keys that are generated once, and the claims that they sign."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from daypass.keys import signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.keys.signing_key import SigningKey
from daypass.tokens import purposes
from daypass.tokens.claims import Claims

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CLAIMS = Claims(
    issuer="https://login.example.org",
    purpose=purposes.SESSION,
    subject="a1",
    session_id="5e",
    name="alice",
    roles=("admin", "editor"),
    auth_time=NOW,
    issued_at=NOW,
    expires_at=NOW + timedelta(days=1),
    until=NOW + timedelta(days=1),
)
each_algorithm = pytest.mark.parametrize("algorithm", SIGNING_ALGORITHMS, ids=str)


@cache
def signing_key_for(algorithm: Algorithm) -> SigningKey:
    """The same key for all tests: RSA keys are slow to generate."""
    return signing_key.generate(algorithm)
