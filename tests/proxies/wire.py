"""Requests over TLS, byte by byte as they are written: HTTP clients tidy up what attackers send."""

import http.client
import json
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import Any

Headers = Sequence[tuple[str, str]]
SECONDS = 20


@dataclass(frozen=True)
class Answer:
    """What came back. A status of 0: the connection was closed without a word."""

    status: int
    headers: HTTPMessage
    body: str

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


def anyones_certificate() -> ssl.SSLContext:
    """TLS that believes every certificate: the proxies' are made for the test."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def exchange(port: int, sni: str, request: bytes) -> Answer:
    """Send these bytes to a proxy, under this name in the TLS handshake, and read one answer."""
    context = anyones_certificate()
    with (
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=sni) as connection,
    ):
        connection.sendall(request)
        return _answer(connection, request.split(b" ", 1)[0].decode("latin-1"))


def _answer(connection: socket.socket, method: str) -> Answer:
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Answer(response.status, response.headers, response.read().decode("latin-1"))
    except (http.client.BadStatusLine, ConnectionResetError):
        return Answer(0, HTTPMessage(), "")
    finally:
        response.close()


def written(method: str, target: str, headers: Headers, body: bytes = b"") -> bytes:
    """A request as bytes; characters stand for the bytes of Latin-1."""
    length = [("Content-Length", str(len(body)))] if body else []
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in [*headers, *length])]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body
