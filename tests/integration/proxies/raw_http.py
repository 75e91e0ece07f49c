"""HTTP over TLS, byte for byte: HTTP clients normalize attacks."""

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
TIMEOUT = 20
LOOPBACK = "127.0.0.1"


def _without_verification() -> ssl.SSLContext:
    """A TLS context that accepts the proxies' self-signed certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


TLS = _without_verification()


def exchange(port: int, sni: str, request: bytes, source: str = LOOPBACK) -> Response:
    """Send these bytes to a proxy and read one response.

    sni: the host name in the TLS handshake. source: the client's address.
    """
    with tls_connection(port, sni, source=source) as connection:
        connection.sendall(request)
        return read_response(connection, request.split(b" ", 1)[0].decode("latin-1"))


def exchange_over_http(port: int, request: bytes) -> Response:
    """Send these bytes over plain HTTP and read one response."""
    with socket.create_connection((LOOPBACK, port), timeout=TIMEOUT) as connection:
        connection.sendall(request)
        return read_response(connection, request.split(b" ", 1)[0].decode("latin-1"))


def echo_over_websocket(port: int, sni: str, text: str, handshake: bytes, pause: float = 0) -> str | None:
    """Open a WebSocket, send a text of less than 126 bytes and return the reply.

    None if it does not open.

    A client's frame is masked, here with zeros, which change nothing (RFC 6455 section 5.3).
    pause: seconds to wait before sending.
    """
    with tls_connection(port, sni) as connection:
        connection.sendall(handshake)
        if read_response(connection, "GET").status != 101:
            return None
        time.sleep(pause)
        message = text.encode()
        connection.sendall(bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message)
        frame = connection.recv(2 + 125)
        return frame[2:].decode() if frame[:1] == b"\x81" else None


@contextmanager
def tls_connection(port: int, sni: str, tls: ssl.SSLContext = TLS, source: str = LOOPBACK) -> Iterator[ssl.SSLSocket]:
    """A TLS connection to a proxy, open while the `with` block runs."""
    with socket.create_connection((LOOPBACK, port), timeout=TIMEOUT, source_address=(source, 0)) as plain:
        plain.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # avoids a wait of 40 ms for the end of the handshake
        with tls.wrap_socket(plain, server_hostname=sni) as connection:
            yield connection


def read_response(connection: socket.socket, method: str) -> Response:
    """Read one response; status 0 if the connection is closed first."""
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Response(response.status, response.headers, response.read().decode("latin-1"))
    except (http.client.BadStatusLine, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
        return Response(0, HTTPMessage(), "")
    finally:
        response.close()


def request_bytes(method: str, target: str, headers: Headers, body: bytes = b"") -> bytes:
    """A request as bytes; characters are encoded as Latin-1."""
    length = [("Content-Length", str(len(body)))] if body else []
    named = {name.lower() for name, _ in headers}
    close = [] if "connection" in named else [("Connection", "close")]
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in [*headers, *length, *close])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
