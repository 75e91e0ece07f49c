"""WSGI's `start_response`, with something done before it (PEP 3333)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import StartResponse

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

Headers = list[tuple[str, str]]


def before_response(start_response: "StartResponse", act: Callable[[str, Headers], None]) -> "StartResponse":
    """A `start_response` that first calls `act` with the status and the headers, to which `act` may add."""

    def start(status: str, headers: Headers, exc_info: "ExcInfo | None" = None, /) -> Callable[[bytes], object]:
        act(status, headers)
        return start_response(status, headers, exc_info)

    return start
