"""Throw-away keys: made when they are first needed, kept by the process, and good for nothing but the gallery."""

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
    """A ring that stays as it is (`keys.ring.KeyRingProvider`)."""

    ring: KeyRing


class ThrowawayKeys:
    """One key for each algorithm, and one for each secret that somebody has thought up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[tuple[Algorithm, str | None], SigningKey] = {}

    def key(self, attack: Attack) -> SigningKey:
        """The key that an attack is tried on; an RSA pair takes a moment, the first time."""
        kind = attack.rings[0], attack.secret
        with self._lock:
            if kind not in self._keys:
                self._keys[kind] = _new(*kind)
            return self._keys[kind]


def _new(algorithm: Algorithm, secret: str | None) -> SigningKey:
    if secret is None:
        return signing_key.generate(algorithm)
    return SigningKey(secrets.token_hex(8), algorithm, secret.encode())


THROWAWAY_KEYS = ThrowawayKeys()


def after_dropping() -> FixedKeyRing:
    """The ring once the key of an attack was dropped from it: a new one signs."""
    return FixedKeyRing(KeyRing([signing_key.generate(Algorithm.HS256)]))
