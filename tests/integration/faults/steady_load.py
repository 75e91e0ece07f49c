"""A gated page asked for at a steady rate, whether or not the answers come, and how long they took."""

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.helpers.server import Server
from tests.integration.faults.load import Hit, enter

RATE = 50  # requests a second
THREADS = 100  # so that a request waits for no other


@dataclass(frozen=True)
class Times:
    """What came of the requests; times are in milliseconds."""

    hits: Sequence[Hit]

    @property
    def refused(self) -> list[str]:
        """The requests that did not get the page."""
        return [str(hit) for hit in self.hits if hit.status != 200]

    def percentile(self, percent: int) -> float:
        """The time within which that share of the requests was answered."""
        times = sorted(hit.ended - hit.began for hit in self.hits)
        return 1000 * times[max(0, math.ceil(len(times) * percent / 100) - 1)]

    def __str__(self) -> str:
        told = f"p50 {self.percentile(50):.1f} ms, p99 {self.percentile(99):.1f} ms"
        return f"{len(self.hits) - len(self.refused)} of {len(self.hits)} answered, {told}"


def _enter(server: Server, token: str) -> Hit:
    """Ask for the page; no answer within the client's patience is a Hit too."""
    began = time.monotonic()
    try:
        return enter(server, token)
    except TimeoutError as error:
        return Hit("GET /members", token, began, time.monotonic(), None, repr(error))


def asked_steadily(server: Server, token: str, seconds: float, rate: int = RATE) -> Times:
    """Ask for the members' page so many times a second, each on a connection of its own."""
    start = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        pending = []
        for number in range(int(seconds * rate)):
            time.sleep(max(0, start + number / rate - time.monotonic()))
            pending.append(pool.submit(_enter, server, token))
        return Times([each.result() for each in pending])
