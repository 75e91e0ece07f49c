"""The keys of an issuer elsewhere, which verify and cannot sign, from its JWK Set (RFC 7517)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daypass.keys.algorithms import Algorithm, is_shared, signing_algorithm
from daypass.keys.signing_key import PublicKey


@dataclass(frozen=True)
class VerificationKey:
    """A key that verifies tokens of one algorithm."""

    kid: str
    algorithm: Algorithm
    public: PublicKey


class PublicRing:
    """The keys that verify the tokens of an issuer. Immutable: a change creates a new ring."""

    def __init__(self, keys: Iterable[VerificationKey]) -> None:
        self._by_kid = {key.kid: key for key in keys}

    def find(self, kid: str) -> VerificationKey | None:
        """The key with this id, or None."""
        return self._by_kid.get(kid)

    def verifier(self, kid: str) -> PublicKey:
        """The verification key with this id."""
        return self._by_kid[kid].public

    def retired_at(self, kid: str) -> datetime | None:
        """None: a JWK Set does not tell when a key was retired."""
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicRing) and self._by_kid == other._by_kid

    def __hash__(self) -> int:
        return hash(frozenset(self._by_kid))


def read_jwk_set(document: object) -> PublicRing:
    """The keys of a JWK Set that Daypass can use. Others are left out, as RFC 7517 section 5 asks for.

    A shared secret (`oct`) is never used: whoever can read the set could sign with it. Raises ValueError if no key is
    left.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    keys = list(filter(None, map(_usable, listed if isinstance(listed, list) else [])))
    if not keys:
        raise ValueError("the JWK Set has no key that Daypass can use")
    return PublicRing(keys)


def _usable(member: Any) -> VerificationKey | None:
    """The key, or None for one that Daypass cannot use or does not understand."""
    from jwt import PyJWK

    try:
        jwk = PyJWK.from_dict(member)
        algorithm = signing_algorithm(jwk.algorithm_name)
    except Exception:  # PyJWT raises many kinds of errors for malformed keys
        return None
    if is_shared(algorithm) or jwk.public_key_use not in (None, "sig") or not isinstance(jwk.key_id, str):
        return None
    return VerificationKey(jwk.key_id, algorithm, jwk.key)
