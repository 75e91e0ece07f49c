"""Request bodies are read in full before a view runs, so that none is awaited while a view holds anything."""

from io import BytesIO

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

from daypass import proxies
from daypass.edge import SAFE_METHODS
from daypass.errors import IncompleteBody
from daypass.extensions import process


def init_app(app: Flask) -> None:
    """Read the body of every request before anything else looks at it."""
    app.before_request(read_body)


def read_body() -> None:
    """Put the whole body where the server's stream was; a method that has no use for a body gets an empty one.

    Raises RequestEntityTooLarge, Busy, SlowBody, or IncompleteBody where less came than Content-Length says.
    """
    environ = request.environ
    body = b"" if request.method in SAFE_METHODS or not _has_body() else _body()
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def _has_body() -> bool:
    return bool(request.content_length) or "HTTP_TRANSFER_ENCODING" in request.environ


def _body() -> bytes:
    most, length = request.max_content_length or 0, request.content_length
    if (length or 0) > most:
        raise RequestEntityTooLarge
    wanted = most + 1 if length is None else length
    body = process().bodies.read(request.environ["wsgi.input"], wanted, proxies.client_address(request) or "")
    if len(body) > most:
        raise RequestEntityTooLarge
    if length is not None and len(body) < length:
        raise IncompleteBody("the body is shorter than Content-Length says")
    return body
