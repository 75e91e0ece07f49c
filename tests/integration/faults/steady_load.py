"""Request a gated page at a steady rate and record response times."""

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.helpers.server import Server
from tests.integration.faults.load import Attempt, get_gated_page

RATE = 50  # requests per second
THREADS = 100  # enough that no request waits for another


@dataclass(frozen=True)
class LoadResult:
    """The attempts, and their response times in milliseconds."""

    attempts: Sequence[Attempt]

    @property
    def refused(self) -> list[str]:
        """The requests that did not get the page."""
        return [str(attempt) for attempt in self.attempts if attempt.status != 200]

    def percentile(self, percent: int) -> float:
        """The response time within which this share completed, in milliseconds."""
        times = sorted(attempt.ended - attempt.began for attempt in self.attempts)
        return 1000 * times[max(0, math.ceil(len(times) * percent / 100) - 1)]

    def __str__(self) -> str:
        times = f"p50 {self.percentile(50):.1f} ms, p99 {self.percentile(99):.1f} ms"
        return f"{len(self.attempts) - len(self.refused)} of {len(self.attempts)} answered, {times}"


def _attempt(server: Server, token: str) -> Attempt:
    """Request the page; a timeout is recorded, too."""
    began = time.monotonic()
    try:
        return get_gated_page(server, token)
    except TimeoutError as error:
        return Attempt("GET /members", token, began, time.monotonic(), None, repr(error))


def run_steady_load(server: Server, token: str, seconds: float, rate: int = RATE) -> LoadResult:
    """Request the members' page `rate` times per second."""
    start = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        pending = []
        for number in range(int(seconds * rate)):
            time.sleep(max(0, start + number / rate - time.monotonic()))
            pending.append(pool.submit(_attempt, server, token))
        return LoadResult([future.result() for future in pending])
