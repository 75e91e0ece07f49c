"""The key ring: all keys that verify, of which the first one signs."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from daypass.errors import ServiceUnavailable
from daypass.keys.signing_key import PublicKey, SigningKey

CLOCK_SKEW = timedelta(seconds=60)  # the most that the clocks of two nodes may differ


class KeyRing:
    """All keys that verify; the first one also signs. Immutable: a change of the keys makes a new ring.

    unreadable: the ids of keys that this node cannot decrypt. If one of them signs, nothing can be signed here.
    """

    def __init__(self, keys: Iterable[SigningKey], unreadable: Iterable[str] = ()) -> None:
        self._keys = tuple(keys)
        self.unreadable = frozenset(unreadable)
        if not self._keys and not self.unreadable:
            raise ValueError("a ring needs a key to sign with")
        self._by_kid = {key.kid: key for key in self._keys}
        self._verifiers = {key.kid: key.public for key in self._keys}

    @property
    def signing(self) -> SigningKey:
        """The key that signs new tokens. Raises ServiceUnavailable if this node cannot read it."""
        if not self._keys or self._keys[0].retired_at is not None:
            raise ServiceUnavailable("the key that signs cannot be read")
        return self._keys[0]

    def find(self, kid: str) -> SigningKey | None:
        """The key of this id, or None. Raises ServiceUnavailable for a key that this node cannot read."""
        if kid in self.unreadable:
            raise ServiceUnavailable("the key of this token cannot be read here")
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
