"""The key ring: one key signs, all keys verify."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from daypass.errors import ServiceUnavailable
from daypass.keys.algorithms import Algorithm
from daypass.keys.signing_key import PublicKey, SigningKey

CLOCK_SKEW = timedelta(seconds=60)  # the most that the clocks of two nodes may differ


class KeyRing:
    """The keys that verify tokens; the first one also signs. Immutable: a change creates a new ring.

    unreadable: the ids of keys that this node cannot decrypt. If the signing key is one of them, this node cannot sign.
    """

    def __init__(self, keys: Iterable[SigningKey], unreadable: Iterable[str] = ()) -> None:
        self._keys = tuple(keys)
        self.unreadable = frozenset(unreadable)
        if not self._keys and not self.unreadable:
            raise ValueError("a key ring needs at least one key")
        self._by_kid = {key.kid: key for key in self._keys}
        self._verifiers = {key.kid: key.public for key in self._keys}

    @property
    def signing(self) -> SigningKey:
        """The key that signs new tokens. Raises ServiceUnavailable if this node cannot read it."""
        if not self._keys or self._keys[0].retired_at is not None:
            raise ServiceUnavailable("the signing key cannot be decrypted")
        return self._keys[0]

    def find(self, kid: str) -> SigningKey | None:
        """Return the key with this id, or None. Raises ServiceUnavailable if this node cannot decrypt it."""
        if kid in self.unreadable:
            raise ServiceUnavailable("this node cannot decrypt the key of the token")
        return self._by_kid.get(kid)

    def verifier(self, kid: str) -> bytes | PublicKey:
        """The verification key with this id. Loaded once, because loading takes longer than verifying."""
        return self._verifiers[kid]

    def retired_at(self, kid: str) -> datetime | None:
        """When the key with this id was retired; None if it still signs or does not exist."""
        key = self.find(kid)
        return key.retired_at if key else None

    def __iter__(self) -> Iterator[SigningKey]:
        return iter(self._keys)


class Verifier(Protocol):
    """What a token is verified with: the id of a key, and its one algorithm."""

    @property
    def kid(self) -> str: ...
    @property
    def algorithm(self) -> Algorithm: ...


class VerifyingRing(Protocol):
    """Of a key ring, what verifies tokens."""

    def find(self, kid: str) -> Verifier | None: ...
    def verifier(self, kid: str) -> bytes | PublicKey: ...
    def retired_at(self, kid: str) -> datetime | None: ...


class KeyRingProvider(Protocol):
    """Provides the current key ring."""

    @property
    def ring(self) -> VerifyingRing:
        """The current key ring."""
