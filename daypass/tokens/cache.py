"""Tokens that were read and found good, so that the next request need not do it again."""

import threading
import time
from collections import OrderedDict

from daypass.keys.ring import KeyRing
from daypass.tokens.claims import Token

MAX_TOKENS = 10_000  # tokens, of about 2 KiB each
CONFIRM_SECONDS = 3600  # seconds: then the database is asked about a token again


class VerifiedTokenCache:
    """A bounded map from the whole text of a token to what it says; the one not used for longest makes room.

    Keyed by the whole text, so no other spelling of a token is ever taken for it. What another ring verified is
    forgotten. Time and revocation are not remembered: they are asked at each request. Nothing is remembered for longer
    than `seconds`, so that a session whose row is gone is missed within that time.
    """

    def __init__(self, most: int = MAX_TOKENS, seconds: float = CONFIRM_SECONDS) -> None:
        self._most = most
        self._seconds = seconds
        self._lock = threading.Lock()
        self._tokens: OrderedDict[str, tuple[Token, float]] = OrderedDict()  # and when each was confirmed
        self._ring: KeyRing | None = None
        self._cleared_at = float("-inf")

    def get(self, text: str, ring: KeyRing) -> Token | None:
        """What this text was found to say by the keys of this ring, or None."""
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

    def put(self, text: str, token: Token, ring: KeyRing, confirmed_at: float | None = None) -> None:
        """Remember a token that is good in every way that does not change; not if the ring has changed meanwhile.

        confirmed_at: the monotonic time before the database was asked about it; now, if None.
        """
        confirmed_at = time.monotonic() if confirmed_at is None else confirmed_at
        with self._lock:
            if ring is not self._ring or confirmed_at < self._cleared_at:
                return
            self._tokens[text] = token, confirmed_at
            if len(self._tokens) > self._most:
                self._tokens.popitem(last=False)

    def clear(self) -> None:
        """Forget every token, and those that were confirmed before this moment and are not put yet."""
        with self._lock:
            self._tokens.clear()
            self._cleared_at = time.monotonic()
