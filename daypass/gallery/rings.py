"""Throw-away keys: made when they are first needed, kept by the process, and good for nothing but the gallery."""

import secrets
import threading
from dataclasses import dataclass

from daypass import keys
from daypass.gallery.attack import Attack
from daypass.keys import Algorithm, KeyRing, SigningKey


@dataclass(frozen=True)
class Held:
    """A ring that stays as it is (`keys.RingHolder`)."""

    ring: KeyRing


class ThrowAway:
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
        return keys.generate(algorithm)
    return SigningKey(secrets.token_hex(8), algorithm, secret.encode())


THROW_AWAY = ThrowAway()


def after_dropping() -> Held:
    """The ring once the key of an attack was dropped from it: a new one signs."""
    return Held(KeyRing([keys.generate(Algorithm.HS256)]))
