"""The keys of an issuer elsewhere, fetched from its JWK Set and kept up to date."""

import logging
import threading
import time
from collections.abc import Callable

from daypass.keys.errors import IssuerUnreachable
from daypass.keys.public_ring import PublicRing, read_jwk_set

REFRESH_SECONDS = 60  # after which the set is fetched again, so that a dropped key is refused
PAUSE, PAUSE_AFTER_FAILURE = 0.1, 15.0  # seconds between two attempts, however many tokens name unknown keys
STALE_SECONDS = 3600  # how long the keys are used while the issuer cannot be reached
TIMEOUT = 5  # seconds
PATIENCE = 1  # seconds that a request waits for the attempt of another one

log = logging.getLogger("daypass")


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="keys of the issuer", daemon=True).start()


class RemoteKeys:
    """The keys of an issuer. One object per process, shared by all threads.

    The set is fetched when the first token is verified, then every minute in a thread, and at once for a token that
    names an unknown key, since the issuer may have rotated its keys.

    fetch: returns the JWK Set as JSON. clock: the monotonic time in seconds. aside: runs a function in a thread.
    """

    def __init__(
        self,
        fetch: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
        aside: Callable[[Callable[[], None]], None] = _in_thread,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._aside = aside
        self._fetching = threading.Lock()
        self._ring: PublicRing | None = None
        self._fetched_at = self._next_at = float("-inf")

    @property
    def ring(self) -> PublicRing:
        """The current keys. Raises IssuerUnreachable if there are none, or they are too old."""
        if self._ring is None or self._clock() - self._fetched_at > STALE_SECONDS:
            raise IssuerUnreachable("the keys of the issuer could not be fetched")
        return self._ring

    def refresh(self) -> None:
        """Fetch the set if it is missing, or, in a thread, if it is a minute old."""
        if self._ring is None:
            self._update(TIMEOUT)
        elif self._clock() - self._fetched_at > REFRESH_SECONDS and self._is_due():
            self._aside(self._update)

    def learn(self) -> None:
        """Fetch the set for a token with an unknown key, unless somebody has tried a moment ago."""
        if self._is_due():
            self._update(PATIENCE)

    def pin(self, ring: PublicRing) -> None:
        """Use these keys from now on, and fetch none. For tests."""
        self._ring, self._fetched_at, self._next_at = ring, float("inf"), float("inf")

    def _is_due(self) -> bool:
        return self._clock() >= self._next_at

    def _update(self, patience: float = 0) -> None:
        """Fetch the set, unless another thread does. patience: how many seconds to wait for that thread."""
        if not self._fetching.acquire(timeout=patience):
            return
        try:
            if self._is_due():
                self._try()
        finally:
            self._fetching.release()

    def _try(self) -> None:
        pause = PAUSE_AFTER_FAILURE
        try:
            self._replace(read_jwk_set(self._fetch()))
            pause = PAUSE
        except Exception as error:  # the network, and what it delivers, can cause any
            log.warning("the keys of the issuer could not be fetched: %s: %s", type(error).__name__, error)
        self._next_at = self._clock() + pause  # after the attempt, so that those who waited for it do not repeat it

    def _replace(self, ring: PublicRing) -> None:
        """Keep the old object if the keys are the same, because tokens were verified with it."""
        self._ring = self._ring if ring == self._ring else ring
        self._fetched_at = self._clock()


def keys_of(issuer: str) -> RemoteKeys:
    """The keys that the issuer with this URL publishes."""
    from jwt import PyJWKClient

    client = PyJWKClient(f"{issuer}/.well-known/jwks.json", cache_jwk_set=False, timeout=TIMEOUT)
    return RemoteKeys(client.fetch_data)
