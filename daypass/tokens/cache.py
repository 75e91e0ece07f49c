"""The cache of verified tokens: a token is verified at its first request only."""

import threading
import time
from collections import OrderedDict

from daypass.keys.ring import VerifyingRing
from daypass.tokens.claims import Token

TOKEN_BYTES = 2048  # that a token takes in memory, about
MEMORY_SHARE = 50  # one fiftieth of the memory is for the caches of all processes together
MIN_TOKENS, MAX_TOKENS = 1_000, 200_000
CONFIRM_SECONDS = 3600  # seconds; after that a token is confirmed against the database again


def cache_size(memory: int, processes: int) -> int:
    """How many tokens each process may cache on a machine with this memory, in bytes."""
    return max(MIN_TOKENS, min(MAX_TOKENS, memory // MEMORY_SHARE // processes // TOKEN_BYTES))


class VerifiedTokenCache:
    """A bounded LRU cache of verified tokens, keyed by the whole text of the token.

    The cache is cleared when the key ring changes. Expiry and revocation are not cached: they are checked at each
    request. No entry is older than `seconds`, so a token whose session row was deleted is rejected within that time.
    """

    def __init__(self, max_tokens: int = MIN_TOKENS, seconds: float = CONFIRM_SECONDS) -> None:
        self._max_tokens = max_tokens
        self._seconds = seconds
        self._lock = threading.Lock()
        self._tokens: OrderedDict[str, tuple[Token, float]] = OrderedDict()  # and when each was confirmed
        self._ring: VerifyingRing | None = None
        self._cleared_at = float("-inf")

    def get(self, text: str, ring: VerifyingRing) -> Token | None:
        """Return the token if it was verified with this key ring, or None."""
        with self._lock:
            if ring is not self._ring:
                self._tokens.clear()
                self._ring = ring
            token, confirmed_at = self._tokens.get(text, (None, 0.0))
            if token is None or time.monotonic() - confirmed_at > self._seconds:
                self._tokens.pop(text, None)
                return None
            self._tokens.move_to_end(text)
            return token

    def put(self, text: str, token: Token, ring: VerifyingRing, confirmed_at: float | None = None) -> None:
        """Store a verified token, unless the key ring has changed since it was verified.

        confirmed_at: the monotonic time just before the token was confirmed against the database; None for now.
        """
        confirmed_at = time.monotonic() if confirmed_at is None else confirmed_at
        with self._lock:
            if ring is not self._ring or confirmed_at < self._cleared_at:
                return
            self._tokens[text] = token, confirmed_at
            if len(self._tokens) > self._max_tokens:
                self._tokens.popitem(last=False)

    def clear(self) -> None:
        """Remove all tokens, and ignore later calls of `put` for tokens confirmed before this moment."""
        with self._lock:
            self._tokens.clear()
            self._cleared_at = time.monotonic()
