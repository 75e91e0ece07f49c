"""Reads request bodies within a deadline, while a bounded number of requests may wait for theirs."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from daypass.throttling.errors import BodyTimeout
from daypass.throttling.fair_queue import FairQueue, queue_owner

DEADLINE_SECONDS = 10.0  # seconds for a whole body, which is 64 KiB at most
FAST_SECONDS = 0.005  # seconds: most bodies have arrived by then, and need no place


class Stream(Protocol):
    """What a WSGI server gives as `wsgi.input` (PEP 3333)."""

    def read(self, size: int, /) -> bytes: ...


class BodyReader:
    """Reads bodies in threads of its own, so that a request's thread can stop waiting for one.

    places: requests that may wait for their bodies at once; one address gets at most half of them.
    """

    def __init__(self, places: int, deadline: float = DEADLINE_SECONDS) -> None:
        self._places = FairQueue(slots=places, waiting=0, patience=0)
        self._deadline = deadline
        self._threads = ThreadPoolExecutor(4 * places, thread_name_prefix="request body")

    def read(self, stream: Stream, most: int, address: str) -> bytes:
        """Up to `most` bytes of a body. Raises Busy if no place is left to wait for it, BodyTimeout at the deadline.

        The thread that still reads ends when the server closes the connection, as it does after the answer.
        """
        reading = self._threads.submit(stream.read, most)
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
