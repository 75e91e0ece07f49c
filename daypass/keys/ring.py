"""The key ring: all keys that verify, of which the first one signs."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from daypass.keys.signing_key import PublicKey, SigningKey


class KeyRing:
    """All keys that verify; the first one also signs. Immutable: another ring takes its place."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = tuple(keys)
        if not self._keys:
            raise ValueError("a ring needs a key to sign with")
        self._by_kid = {key.kid: key for key in self._keys}
        self._verifiers = {key.kid: key.public for key in self._keys}

    @property
    def signing(self) -> SigningKey:
        """The key that signs new tokens."""
        return self._keys[0]

    def find(self, kid: str) -> SigningKey | None:
        """The key of this id, or None."""
        return self._by_kid.get(kid)

    def verifier(self, kid: str) -> bytes | PublicKey:
        """What verifies a signature of the key of this id; loaded once, since loading costs more than verifying."""
        return self._verifiers[kid]

    def retired_at(self, kid: str) -> datetime | None:
        """When the key of this id stopped signing; None for one that signs, or that is not here."""
        key = self.find(kid)
        return key.retired_at if key else None

    def __iter__(self) -> Iterator[SigningKey]:
        return iter(self._keys)


class KeyRingProvider(Protocol):
    """Whoever knows which keys are in force."""

    @property
    def ring(self) -> KeyRing:
        """The keys in force at this moment."""
