"""Tokens that were read and found good, so that the next request need not do it again."""

import threading
from collections import OrderedDict

from daypass.keys import KeyRing
from daypass.tokens import Token

MOST = 10_000  # tokens, of about 2 KiB each


class Remembered:
    """A bounded map from the whole text of a token to what it says; the one not used for longest makes room.

    Keyed by the whole text, so no other spelling of a token is ever taken for it. What another ring verified is
    forgotten. Time and revocation are not remembered: they are asked at each request.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._tokens: OrderedDict[str, Token] = OrderedDict()
        self._ring: KeyRing | None = None

    def get(self, text: str, ring: KeyRing) -> Token | None:
        """What this text was found to say by the keys of this ring, or None."""
        with self._lock:
            if ring is not self._ring:
                self._tokens.clear()
                self._ring = ring
            if text in self._tokens:
                self._tokens.move_to_end(text)
            return self._tokens.get(text)

    def put(self, text: str, token: Token, ring: KeyRing) -> None:
        """Remember a token that is good in every way that does not change; not if the ring has changed meanwhile."""
        with self._lock:
            if ring is not self._ring:
                return
            self._tokens[text] = token
            if len(self._tokens) > self._most:
                self._tokens.popitem(last=False)
