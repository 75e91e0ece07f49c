"""Request bodies are read in full before a view runs, so that none is awaited while a view holds anything."""

import time
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
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

FLUSH = 0.01  # seconds for the server to send what it has of an answer


def init_app(app: Flask, reader: BodyReader) -> None:
    """Read the body of every request before a view runs."""
    app.before_request(partial(read_body, reader))
    app.after_request(_cut_connection)


def read_body(reader: BodyReader) -> None:
    """Put the whole body where the server's stream was; a method that has no use for a body gets an empty one.

    Raises RequestEntityTooLarge, Busy, BodyTimeout, or IncompleteBody where less came than Content-Length says.
    """
    environ = request.environ
    body = b"" if request.method in SAFE_METHODS or not _has_body() else _body(reader)
    replace_body(environ, body)
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def replace_body(environ: "WSGIEnvironment", body: bytes) -> None:
    """Put a body in memory where the server's stream was."""
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def _has_body() -> bool:
    return bool(request.content_length) or "HTTP_TRANSFER_ENCODING" in request.environ


def _body(reader: BodyReader) -> bytes:
    most, length = request.max_content_length or 0, request.content_length
    if (length or 0) > most:
        raise RequestEntityTooLarge
    wanted = most + 1 if length is None else length
    body = _awaited(reader, wanted)
    if len(body) > most:
        raise RequestEntityTooLarge
    if length is not None and len(body) < length:
        raise IncompleteBody("the body is shorter than Content-Length says")
    return body


def _awaited(reader: BodyReader, wanted: int) -> bytes:
    try:
        return reader.read(request.environ["wsgi.input"], wanted, client_address(current_settings()) or "")
    except (Busy, BodyTimeout) as error:
        g._daypass_body_unread = True
        if isinstance(error, BodyTimeout):
            audit.record(Event.SLOW_BODY, "failure", reason=error.reason)
        raise


def _cut_connection(response: Response) -> Response:
    """Make the server close the connection after this answer if the request's body was given up.

    Granian keeps it open for as long as a thread reads from it, and a read cannot be cancelled. An answer that ends
    before its Content-Length makes it drop the connection, which ends the read.
    """
    if g.get("_daypass_body_unread"):
        page = response.get_data()
        response.response = _in_part(page)
        response.headers["Connection"] = "close"
        response.content_length = len(page) + 1
    return response


def _in_part(page: bytes) -> Iterator[bytes]:
    yield page
    time.sleep(FLUSH)
