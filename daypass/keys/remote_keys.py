"""The keys of an issuer elsewhere, fetched from its JWK Set and kept up to date."""

import logging
import threading
import time
from collections.abc import Callable

from jwt import PyJWKClient, PyJWTError

from daypass.errors import ServiceUnavailable
from daypass.keys.public_ring import PublicRing, read_jwk_set

REFRESH_SECONDS = 60  # after which the set is fetched again, so that a dropped key is refused
RETRY_SECONDS = 1  # between two fetches, however many tokens name unknown keys
STALE_SECONDS = 3600  # how long the keys are used while the issuer cannot be reached
TIMEOUT = 5  # seconds

log = logging.getLogger("daypass")


class RemoteKeys:
    """The keys of an issuer. One object per process, shared by all threads.

    The set is fetched when the first token is verified, then every minute, and at once for a token that names an
    unknown key, since the issuer may have rotated its keys. While one thread fetches it, the others go on.

    fetch: returns the JWK Set as JSON; raises PyJWTError or ValueError. clock: the monotonic time in seconds.
    """

    def __init__(self, fetch: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._fetching = threading.Lock()
        self._ring: PublicRing | None = None
        self._fetched_at = self._tried_at = float("-inf")

    @property
    def ring(self) -> PublicRing:
        """The current keys. Raises ServiceUnavailable if there are none, or they are too old."""
        if self._ring is None or self._clock() - self._fetched_at > STALE_SECONDS:
            raise ServiceUnavailable("the keys of the issuer could not be fetched")
        return self._ring

    def refresh(self) -> None:
        """Fetch the set if it is missing or a minute old."""
        if self._ring is None or self._clock() - self._fetched_at > REFRESH_SECONDS:
            self._update(wait=self._ring is None)

    def learn(self) -> None:
        """Fetch the set for a token with an unknown key, unless that happened a moment ago."""
        self._update(wait=True)

    def pin(self, ring: PublicRing) -> None:
        """Use these keys from now on, and fetch none. For tests."""
        self._ring, self._fetched_at, self._tried_at = ring, float("inf"), float("inf")

    def _update(self, *, wait: bool) -> None:
        """Fetch the set, unless another thread does, or somebody has tried a moment ago.

        wait: whether to wait for a thread that fetches it already.
        """
        if not self._fetching.acquire(blocking=wait):
            return
        try:
            if self._clock() - self._tried_at >= RETRY_SECONDS:
                self._try()
        finally:
            self._fetching.release()

    def _try(self) -> None:
        try:
            self._replace(read_jwk_set(self._fetch()))
        except (PyJWTError, ValueError) as error:
            log.warning("the keys of the issuer could not be fetched: %s", error)
        self._tried_at = self._clock()  # after the attempt, so that those who waited for it do not repeat it

    def _replace(self, ring: PublicRing) -> None:
        """Keep the old object if the keys are the same, because tokens were verified with it."""
        self._ring = self._ring if ring == self._ring else ring
        self._fetched_at = self._clock()


def keys_of(issuer: str) -> RemoteKeys:
    """The keys that the issuer with this URL publishes."""
    client = PyJWKClient(f"{issuer}/.well-known/jwks.json", cache_jwk_set=False, timeout=TIMEOUT)
    return RemoteKeys(client.fetch_data)
