"""Cheap floods that try to stop a server. Each runs in its own process.

Usage: `python -m tests.integration.faults.floods NAME PORT TOKEN`.

Each flood uses few sockets and few bytes. They come from 127.0.0.2, so that the server can tell them from other
clients.
"""

import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote_plus

from tests.helpers.project import ROOT
from tests.helpers.server import Server

ATTACKER = "127.0.0.2"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # RFC 9113 section 3.4
QUOTED_BLANKS = "a=" + " " * 30_000 + '"'  # quadratic for Werkzeug's parse_cookie
SHORT_QUOTED_BLANKS = "a=" + " " * 8_000 + '"'
PAUSE = 0.2  # seconds before a closed connection is replaced, so that floods send few requests
FORM = "Content-Type: application/x-www-form-urlencoded"
SLOW_PASSWORD = "a4@b8c({[<e3g69i1!l|7o0s$5t+x%z2" * 4  # zxcvbn tries every substitution of its characters


def connect(port: int, source: str = ATTACKER) -> socket.socket:
    """Connect to the server; reads and writes time out after 15 seconds."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=15, source_address=(source, 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def head(method: str, target: str, *lines: str) -> bytes:
    """The head of an HTTP/1.1 request."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


def form(target: str, fields: dict[str, str], *lines: str) -> bytes:
    """A complete request that submits a form."""
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items()).encode()
    return head("POST", target, FORM, f"Content-Length: {len(body)}", *lines) + body


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """An HTTP/2 frame (RFC 9113 section 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def posts_over_http2(streams: int = 20) -> bytes:
    """An HTTP/2 connection whose streams announce bodies and send none."""
    kind = b"application/x-www-form-urlencoded"
    fields = b"\x83\x86\x44\x06/login\x41\x09127.0.0.1\x5c\x0560000\x5f" + bytes([len(kind)]) + kind  # HPACK, RFC 7541
    return PREFACE + frame(4, 0, 0, b"") + b"".join(frame(1, 4, 2 * n + 1, fields) for n in range(streams))


def repeat(port: int, request: bytes, pause: float = 0.0) -> None:
    """Send a request, read until the server closes, and start again."""
    while True:
        with suppress(OSError), connect(port) as connection:
            connection.sendall(request)
            while connection.recv(65_536):
                pass
        time.sleep(pause)


def hold_connections(port: int, first: bytes, count: int) -> None:
    """Keep `count` connections open that send only these bytes.

    Replace each one that is closed.
    """
    open_connections = selectors.DefaultSelector()
    while True:
        while len(open_connections.get_map()) < count:
            with suppress(OSError):
                connection = connect(port)
                connection.sendall(first)
                open_connections.register(connection, selectors.EVENT_READ)
        for key, _ in open_connections.select():
            open_connections.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr]
        time.sleep(PAUSE)


def run_in_threads(count: int, action: Callable[[], None]) -> None:
    """Run the action in this many threads."""
    for _ in range(count - 1):
        threading.Thread(target=action, daemon=True).start()
    action()


def http2_without_bodies(port: int, token: str) -> None:
    while True:
        with suppress(OSError), connect(port) as connection:
            connection.sendall(posts_over_http2())
            time.sleep(0.5)


def silent_bodies(port: int, token: str) -> None:
    hold_connections(port, head("POST", "/login", FORM, "Content-Length: 1000", "Sec-Fetch-Site: same-origin"), 40)


def silent_rename(port: int, token: str) -> None:
    lines = (f"Authorization: Bearer {token}", FORM, "Content-Length: 1000", "Sec-Fetch-Site: same-origin")
    hold_connections(port, head("POST", f"/account/sessions/{'0' * 32}/name", *lines), 4)


def quoted_cookies(port: int, token: str) -> None:
    run_in_threads(2, lambda: repeat(port, head("GET", "/", f"Cookie: {QUOTED_BLANKS}", "Connection: close"), 0.05))


def short_quoted_cookies(port: int, token: str) -> None:
    run_in_threads(
        2, lambda: repeat(port, head("GET", "/", f"Cookie: {SHORT_QUOTED_BLANKS}", "Connection: close"), 0.05)
    )


def idle_connections(port: int, token: str) -> None:
    hold_connections(port, b"GET / HT", 1_500)


def hard_passwords(port: int, token: str) -> None:
    names = (f"person{number}" for number in range(10**9))
    lines = ("Sec-Fetch-Site: same-origin", "Connection: close")
    run_in_threads(
        16, lambda: repeat(port, form("/signup", {"username": next(names), "password": SLOW_PASSWORD}, *lines), 0.1)
    )


def wrong_passwords(port: int, token: str) -> None:
    lines = ("Sec-Fetch-Site: same-origin", "Connection: close")
    run_in_threads(50, lambda: repeat(port, form("/login", {"username": "alice", "password": "wrong"}, *lines), PAUSE))


def long_lab_tokens(port: int, token: str) -> None:
    claims = '{"sub":"' + "x" * 12_000 + '"}'
    fields = {"act": "sign", "algorithm": "HS256", "key": "k" * 32, "header": '{"alg":"HS256"}', "claims": claims}
    lines = ("Sec-Fetch-Site: same-origin", "Connection: close", f"Authorization: Bearer {token}")
    run_in_threads(8, lambda: repeat(port, form("/lab", fields, *lines)))


FLOODS: dict[str, Callable[[int, str], None]] = {
    flood.__name__: flood
    for flood in (
        http2_without_bodies,
        silent_bodies,
        silent_rename,
        quoted_cookies,
        short_quoted_cookies,
        idle_connections,
        hard_passwords,
        wrong_passwords,
        long_lab_tokens,
    )
}


@contextmanager
def flooding(server: Server, name: str, token: str = "") -> Iterator[None]:
    """Run the flood of this name while the block runs.

    `token` is that of a signed-in user.
    """
    command = [sys.executable, "-m", "tests.integration.faults.floods", name, str(server.port), token]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield
        assert process.poll() is None, "the flood ended by itself"
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    os.nice(10)  # a real attacker uses another machine's processor
    FLOODS[sys.argv[1]](int(sys.argv[2]), sys.argv[3])
