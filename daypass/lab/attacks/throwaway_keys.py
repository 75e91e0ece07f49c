"""Throw-away keys for the gallery: generated on first use, kept in memory, and used for nothing else."""

import secrets
import threading
from dataclasses import dataclass

from daypass.keys import signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.attack import Attack


@dataclass(frozen=True)
class FixedKeyRing:
    """A key ring that never changes (`keys.ring.KeyRingProvider`)."""

    ring: KeyRing


class ThrowawayKeys:
    """One key for each algorithm, and one for each weak secret."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[tuple[Algorithm, str | None], SigningKey] = {}

    def key(self, attack: Attack) -> SigningKey:
        """The key that this attack is tried on. Generating an RSA key takes a moment, the first time."""
        kind = attack.rings[0], attack.secret
        with self._lock:
            if kind not in self._keys:
                self._keys[kind] = _generate(*kind)
            return self._keys[kind]


def _generate(algorithm: Algorithm, secret: str | None) -> SigningKey:
    if secret is None:
        return signing_key.generate(algorithm)
    return SigningKey(secrets.token_hex(8), algorithm, secret.encode())


THROWAWAY_KEYS = ThrowawayKeys()


def ring_without_dropped_key() -> FixedKeyRing:
    """The ring after the key of the attack was dropped: it has only a new key."""
    return FixedKeyRing(KeyRing([signing_key.generate(Algorithm.HS256)]))
