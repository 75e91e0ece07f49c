"""What one client may hold of the server: raw sockets against the real server."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from daypass.throttling.body_reader import DEADLINE_SECONDS
from tests.conftest import PASSWORD
from tests.helpers.server import Server, running
from tests.integration.faults.floods import (
    FORM,
    PREFACE,
    QUOTED_BLANKS,
    SHORT_QUOTED_BLANKS,
    connected,
    flooding,
    form,
    head,
)
from tests.integration.faults.load import enter, eventually, sign_in

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
STUCK = 15.0  # seconds after which a connection counts as never closed; each limit is well below


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the default settings, but with one worker, so that one client meets all its requests."""
    with running(tmp_path_factory.mktemp("limits"), DAYPASS_WORKERS="1") as server:
        server.flask("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.sign_in("alice", PASSWORD)


def said(connection: socket.socket) -> bytes:
    """All that the server sends until it closes the connection. Raises TimeoutError if it does not."""
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        pass
    return received


def status(answer: bytes) -> int:
    found = STATUS.match(answer)
    return int(found[1]) if found else 0


def test_http2_is_not_spoken(server: Server) -> None:
    with connected(server.port) as connection:
        connection.sendall(PREFACE)
        assert status(said(connection)) in (0, 400)


def test_streams_without_bodies_over_http2_leave_the_server_as_it_was(server: Server, token: str) -> None:
    with flooding(server, "http2_without_bodies"):
        time.sleep(2)
        assert enter(server, token).status == 200


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: 127", b"\r\n"], ids=["none", "half", "blank"])
def test_a_connection_without_a_whole_head_is_closed(server: Server, first: bytes) -> None:
    with connected(server.port) as connection:
        connection.sendall(first)
        began = time.monotonic()
        said(connection)
        assert time.monotonic() - began < STUCK


def test_a_head_sent_byte_by_byte_is_cut_off(server: Server) -> None:
    with connected(server.port) as connection:
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < STUCK:
                connection.sendall(b"a")
                time.sleep(0.1)
        assert time.monotonic() - began < STUCK


def test_a_kept_connection_that_asks_for_nothing_more_is_closed(server: Server) -> None:
    with connected(server.port) as connection:
        connection.sendall(head("GET", "/healthz"))
        began = time.monotonic()
        assert status(said(connection)) == 200
        assert time.monotonic() - began < STUCK


def test_more_idle_connections_than_a_worker_was_made_for_stop_nobody(server: Server, token: str) -> None:
    with flooding(server, "idle_connections"):
        time.sleep(3)
        assert [enter(server, token).status for _ in range(20)] == [200] * 20


def test_a_head_over_16_kib_is_refused(server: Server) -> None:
    with connected(server.port) as connection:
        connection.sendall(head("GET", "/", "X-Long: " + "a" * 17_000, "Connection: close"))
        assert status(said(connection)) in (0, 431)


@pytest.mark.parametrize("path", ["/", "/members", "/static/base.css", "/no-such-page", "/healthz"])
def test_a_cookie_header_over_8_kib_is_refused(server: Server, path: str) -> None:
    with connected(server.port) as connection:
        connection.sendall(head("GET", path, "Cookie: daypass=" + "a" * 8_192, "Connection: close"))
        assert status(said(connection)) == 431


@pytest.mark.parametrize("cookie", [QUOTED_BLANKS, SHORT_QUOTED_BLANKS, "daypass" + SHORT_QUOTED_BLANKS[1:]])
def test_blanks_and_a_quote_in_a_cookie_cost_no_more_than_letters(server: Server, cookie: str) -> None:
    def spent(value: str) -> float:
        began = time.monotonic()
        for _ in range(5):
            with connected(server.port) as connection:
                connection.sendall(head("GET", "/members", f"Cookie: {value}", "Connection: close"))
                assert status(said(connection)) in (0, 401, 431)
        return time.monotonic() - began

    assert spent(cookie) < 20 * spent("daypass=" + "a" * (len(cookie) - 8))


def test_a_body_that_is_not_there_in_time_is_given_up_with_408_and_its_connection_closed(server: Server) -> None:
    """Three at once: one sends nothing of it, one byte after byte, one chunks that have no end."""
    start = head("POST", "/login", FORM, "Content-Length: 1000", "Sec-Fetch-Site: same-origin")
    chunked = head("POST", "/login", FORM, "Transfer-Encoding: chunked", "Sec-Fetch-Site: same-origin")
    with connected(server.port) as silent, connected(server.port) as slow, connected(server.port) as endless:
        for connection, first in ((silent, start), (slow, start), (endless, chunked)):
            connection.sendall(first)
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(int(STUCK)):
                slow.sendall(b"a")
                endless.sendall(b"1\r\na\r\n")
                time.sleep(1)
        assert [status(said(connection)) for connection in (silent, slow, endless)] == [408] * 3
    assert server.log.count('"event": "slow_body"') >= 3


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_method_without_use_for_a_body_waits_for_none(server: Server, method: str) -> None:
    with connected(server.port) as connection:
        began = time.monotonic()
        connection.sendall(head(method, "/login", FORM, "Content-Length: 1000"))
        assert status(connection.recv(65_536)) == 200
        assert time.monotonic() - began < 5


def test_a_body_that_comes_in_pieces_is_read_as_one(server: Server) -> None:
    whole = form("/login", {"username": "alice", "password": PASSWORD}, "Sec-Fetch-Site: same-origin")
    with connected(server.port) as connection:
        for start in range(0, len(whole), 40):
            connection.sendall(whole[start : start + 40])
            time.sleep(0.1)
        assert status(connection.recv(65_536)) == 303


def test_a_body_cut_short_is_no_form(server: Server) -> None:
    whole = form("/login", {"username": "alice", "password": PASSWORD + "x"}, "Sec-Fetch-Site: same-origin")
    with connected(server.port) as connection:
        connection.sendall(whole[:-1])
        connection.shutdown(socket.SHUT_WR)
        assert status(said(connection)) in (0, 400)


@pytest.mark.parametrize("size", [65_537, 10**9])
def test_a_body_over_64_kib_is_refused_before_it_comes(server: Server, size: int) -> None:
    with connected(server.port) as connection:
        connection.sendall(head("POST", "/login", FORM, f"Content-Length: {size}", "Sec-Fetch-Site: same-origin"))
        assert status(said(connection)) == 413


def test_bodies_in_chunks_over_64_kib_are_refused(server: Server) -> None:
    with connected(server.port) as connection:
        lines = (FORM, "Transfer-Encoding: chunked", "Sec-Fetch-Site: same-origin")
        connection.sendall(head("POST", "/login", *lines) + b"20000\r\n" + b"a" * 0x20000 + b"\r\n0\r\n\r\n")
        assert status(said(connection)) == 413


def test_while_one_client_sends_no_bodies_another_signs_in(server: Server, token: str) -> None:
    with flooding(server, "silent_bodies"):
        time.sleep(2)
        assert [sign_in(server, "alice").status for _ in range(5)] == [200] * 5
        assert [enter(server, token).status for _ in range(20)] == [200] * 20


def test_while_bodies_of_many_addresses_never_come_requests_without_one_find_a_thread(
    server: Server, token: str
) -> None:
    """No address holds more than its share, and together they would hold every thread."""
    start = head("POST", "/login", FORM, "Content-Length: 1000", "Sec-Fetch-Site: same-origin")
    with ExitStack() as stack:
        for number in range(2, 102):
            connection = stack.enter_context(connected(server.port, f"127.0.0.{number}"))
            connection.sendall(start)
        time.sleep(0.5)
        began = time.monotonic()
        assert [enter(server, token).status for _ in range(20)] == [200] * 20
        assert time.monotonic() - began < DEADLINE_SECONDS / 2, "they waited until the bodies were given up"


def test_threads_that_gave_up_on_a_body_are_free_again(server: Server) -> None:
    """The thread that reads a body ends with its connection: else some floods later nobody could sign in."""
    for _ in range(3):
        with flooding(server, "silent_bodies"):
            time.sleep(1)
    assert eventually(lambda: sign_in(server, "alice").status == 200)
