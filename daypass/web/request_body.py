"""Read request bodies in full before the view runs.

Views then never wait for a body while they hold a transaction or a lock.
"""

import time
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Response, after_this_request, request
from werkzeug.exceptions import RequestEntityTooLarge

from daypass.audit.events import Event
from daypass.net.request_target import SAFE_METHODS
from daypass.throttling.body_reader import BodyReader
from daypass.throttling.errors import BodyTimeout, Busy
from daypass.web import audit
from daypass.web.client import client_address
from daypass.web.request_errors import IncompleteBody
from daypass.web.settings import current_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_BODY_BYTES = 64 * 1024  # of requests for Daypass's own pages
FLUSH_SECONDS = 0.01  # for the server to send what it has of a response


def read_body(environ: "WSGIEnvironment", reader: BodyReader) -> None:
    """Replace the server's stream with the whole body.

    Safe methods get an empty body. Raises RequestEntityTooLarge, Busy, BodyTimeout, or IncompleteBody if the body is
    shorter than Content-Length.
    """
    body = b"" if environ["REQUEST_METHOD"] in SAFE_METHODS or not _has_body() else _full_body(reader)
    replace_body(environ, body)
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def replace_body(environ: "WSGIEnvironment", body: bytes) -> None:
    """Replace the server's stream with a body in memory."""
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def _has_body() -> bool:
    return bool(request.content_length) or "HTTP_TRANSFER_ENCODING" in request.environ


def _full_body(reader: BodyReader) -> bytes:
    limit, length = request.max_content_length or 0, request.content_length
    if (length or 0) > limit:
        raise RequestEntityTooLarge
    wanted = limit + 1 if length is None else length
    body = _read(reader, wanted)
    if len(body) > limit:
        raise RequestEntityTooLarge
    if length is not None and len(body) < length:
        raise IncompleteBody("the body is shorter than Content-Length says")
    return body


def _read(reader: BodyReader, wanted: int) -> bytes:
    try:
        return reader.read(
            request.environ["wsgi.input"], wanted, client_address(request.environ, current_settings()) or ""
        )
    except (Busy, BodyTimeout) as error:
        after_this_request(_close_connection)
        if isinstance(error, BodyTimeout):
            audit.record(Event.SLOW_BODY, "failure", reason=error.reason)
        raise


def _close_connection(response: Response) -> Response:
    """Close the connection after this response, because the body was not fully read.

    Granian keeps the connection open as long as a thread reads from it, and a read cannot be cancelled. A response that
    is shorter than its Content-Length makes Granian drop the connection, which ends the read.
    """
    page = response.get_data()
    response.response = _truncated(page)
    response.headers["Connection"] = "close"
    response.content_length = len(page) + 1
    return response


def _truncated(page: bytes) -> Iterator[bytes]:
    yield page
    time.sleep(FLUSH_SECONDS)
