"""Read request bodies within a deadline, for a limited number of slow requests."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from daypass.throttling.errors import BodyTimeout
from daypass.throttling.fair_queue import FairQueue, queue_owner

DEADLINE_SECONDS = 10.0  # seconds for a whole body, which is 64 KiB at most
FAST_SECONDS = 0.005  # seconds: most bodies have arrived by then and do not count as slow


class Stream(Protocol):
    """The input stream of a WSGI server, `wsgi.input` (PEP 3333)."""

    def read(self, size: int, /) -> bytes: ...


class BodyReader:
    """Reads bodies in its own threads, so that a request's thread can stop waiting.

    places: how many requests may wait for their bodies at once, at most half of them from one address.
    """

    def __init__(self, places: int, deadline: float = DEADLINE_SECONDS) -> None:
        self._places = FairQueue(slots=places, waiting=0, patience=0)
        self._deadline = deadline
        self._threads = ThreadPoolExecutor(4 * places, thread_name_prefix="request body")

    def read(self, stream: Stream, max_bytes: int, address: str) -> bytes:
        """Read up to `max_bytes` of a body. Raises Busy if no place is free, BodyTimeout at the deadline.

        A reading thread ends when the server closes the connection, which it does after the response.
        """
        reading = self._threads.submit(stream.read, max_bytes)
        try:
            return reading.result(FAST_SECONDS)
        except TimeoutError:
            with self._places.slot(queue_owner(address)):
                return self._awaited(reading)

    def _awaited(self, reading: "Future[bytes]") -> bytes:
        try:
            return reading.result(self._deadline)
        except TimeoutError:
            raise BodyTimeout("the body did not arrive in time") from None
