"""Requests over TLS, byte by byte as they are written: HTTP clients tidy up what attackers send."""

import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPMessage

from tests.helpers.server import Response

Headers = Sequence[tuple[str, str]]
HANDSHAKE = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
]
SECONDS = 20
HERE = "127.0.0.1"


def _anyones_certificate() -> ssl.SSLContext:
    """TLS that believes every certificate: the proxies' are made for the test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


TLS = _anyones_certificate()


def exchange(port: int, sni: str, request: bytes, source: str = HERE) -> Response:
    """Send these bytes to a proxy, under this name in the TLS handshake, and read one answer. source: our address."""
    with connected(port, sni, source=source) as connection:
        connection.sendall(request)
        return answer(connection, request.split(b" ", 1)[0].decode("latin-1"))


def exchange_without_tls(port: int, request: bytes) -> Response:
    """The same over http."""
    with socket.create_connection((HERE, port), timeout=SECONDS) as connection:
        connection.sendall(request)
        return answer(connection, request.split(b" ", 1)[0].decode("latin-1"))


def say(port: int, sni: str, text: str, handshake: bytes, pause: float = 0) -> str | None:
    """Open a WebSocket, say something of less than 126 bytes, and return the answer; None where it does not open.

    A frame of a visitor is masked, here by zeros, which change nothing (RFC 6455 section 5.3).
    pause: seconds of silence before it.
    """
    with connected(port, sni) as connection:
        connection.sendall(handshake)
        if answer(connection, "GET").status != 101:
            return None
        time.sleep(pause)
        told = text.encode()
        connection.sendall(bytes([0x81, 0x80 | len(told), 0, 0, 0, 0]) + told)
        frame = connection.recv(2 + 125)
        return frame[2:].decode() if frame[:1] == b"\x81" else None


@contextmanager
def connected(port: int, sni: str, tls: ssl.SSLContext = TLS, source: str = HERE) -> Iterator[ssl.SSLSocket]:
    """An open connection to a proxy, for a `with` block."""
    with socket.create_connection((HERE, port), timeout=SECONDS, source_address=(source, 0)) as plain:
        plain.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # else the request waits 40 ms for the handshake's end
        with tls.wrap_socket(plain, server_hostname=sni) as connection:
            yield connection


def answer(connection: socket.socket, method: str) -> Response:
    """Read one answer; the connection may be closed before."""
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Response(response.status, response.headers, response.read().decode("latin-1"))
    except (http.client.BadStatusLine, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
        return Response(0, HTTPMessage(), "")
    finally:
        response.close()


def written(method: str, target: str, headers: Headers, body: bytes = b"") -> bytes:
    """A request as bytes; characters stand for the bytes of Latin-1."""
    length = [("Content-Length", str(len(body)))] if body else []
    named = {name.lower() for name, _ in headers}
    close = [] if "connection" in named else [("Connection", "close")]
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in [*headers, *length, *close])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
