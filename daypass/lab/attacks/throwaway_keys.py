"""Throw-away keys for the gallery: generated on first use, kept in memory, and used for nothing else."""

import secrets
import threading
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa

from daypass.keys import signing_key
from daypass.keys.algorithms import RSA_BITS, RSA_EXPONENT, Algorithm
from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.attack import Attack


@dataclass(frozen=True)
class FixedKeyRing:
    """A key ring that never changes (`keys.ring.KeyRingProvider`)."""

    ring: KeyRing


class ThrowawayKeys:
    """One key for each algorithm, each weak secret, and each public exponent of RSA."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[tuple[Algorithm, str | None, int], SigningKey] = {}

    def key(self, attack: Attack) -> SigningKey:
        """The key that this attack is tried on. Generating an RSA key takes a moment, the first time."""
        kind = attack.rings[0], attack.secret, attack.rsa_exponent
        with self._lock:
            if kind not in self._keys:
                self._keys[kind] = _generate(*kind)
            return self._keys[kind]


def _generate(algorithm: Algorithm, secret: str | None, rsa_exponent: int) -> SigningKey:
    if secret is not None:
        return SigningKey(secrets.token_hex(8), algorithm, secret.encode())
    if rsa_exponent != RSA_EXPONENT:
        return SigningKey(secrets.token_hex(8), algorithm, rsa.generate_private_key(rsa_exponent, RSA_BITS))
    return signing_key.generate(algorithm)


THROWAWAY_KEYS = ThrowawayKeys()


def ring_without_dropped_key() -> FixedKeyRing:
    """The ring after the key of the attack was dropped: it has only a new key."""
    return FixedKeyRing(KeyRing([signing_key.generate(Algorithm.HS256)]))
