"""Requests over TLS, byte by byte as they are written: HTTP clients tidy up what attackers send."""

import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPMessage

from tests.server import Answer

Headers = Sequence[tuple[str, str]]
HANDSHAKE = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
]
SECONDS = 20


def _anyones_certificate() -> ssl.SSLContext:
    """TLS that believes every certificate: the proxies' are made for the test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


TLS = _anyones_certificate()


def exchange(port: int, sni: str, request: bytes) -> Answer:
    """Send these bytes to a proxy, under this name in the TLS handshake, and read one answer."""
    with _connected(port, sni) as connection:
        connection.sendall(request)
        return _answer(connection, request.split(b" ", 1)[0].decode("latin-1"))


def say(port: int, sni: str, text: str, handshake: bytes) -> str | None:
    """Open a WebSocket, say something of less than 126 bytes, and return the answer; None where it does not open.

    A frame of a visitor is masked, here by zeros, which change nothing (RFC 6455 section 5.3).
    """
    with _connected(port, sni) as connection:
        connection.sendall(handshake)
        if _answer(connection, "GET").status != 101:
            return None
        told = text.encode()
        connection.sendall(bytes([0x81, 0x80 | len(told), 0, 0, 0, 0]) + told)
        frame = connection.recv(2 + 125)
        return frame[2:].decode() if frame[:1] == b"\x81" else None


@contextmanager
def _connected(port: int, sni: str) -> Iterator[ssl.SSLSocket]:
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as plain:
        plain.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # else the request waits 40 ms for the handshake's end
        with TLS.wrap_socket(plain, server_hostname=sni) as connection:
            yield connection


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
    named = {name.lower() for name, _ in headers}
    close = [] if "connection" in named else [("Connection", "close")]
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in [*headers, *length, *close])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
