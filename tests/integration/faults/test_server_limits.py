"""Limits on what one client may use, tested with raw sockets."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from daypass.throttling.body_reader import DEADLINE_SECONDS
from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.server import Server, running
from tests.integration.faults.floods import (
    FORM,
    PREFACE,
    QUOTED_BLANKS,
    SHORT_QUOTED_BLANKS,
    connect,
    flooding,
    form,
    head,
)
from tests.integration.faults.load import eventually, get_gated_page, sign_in

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
MAX_SECONDS = 15.0  # within which the server must close a connection; each limit is well below


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[Server]:
    """A server with default settings but one worker, which gets all requests."""
    with running(tmp_path_factory.mktemp("limits"), DAYPASS_WORKERS="1") as server:
        add_account(server, password_hash, "alice")
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.sign_in("alice", PASSWORD)


def read_all(connection: socket.socket) -> bytes:
    """Everything that the server sends until it closes the connection.

    Raises TimeoutError if it does not.
    """
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        pass
    return received


def status(response: bytes) -> int:
    found = STATUS.match(response)
    return int(found[1]) if found else 0


def test_http2_is_not_supported(server: Server) -> None:
    with connect(server.port) as connection:
        connection.sendall(PREFACE)
        assert status(read_all(connection)) in (0, 400)


def test_http2_streams_without_bodies_do_not_affect_the_server(server: Server, token: str) -> None:
    with flooding(server, "http2_without_bodies"):
        time.sleep(2)
        assert get_gated_page(server, token).status == 200


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: 127", b"\r\n"], ids=["none", "half", "blank"])
def test_a_connection_without_a_whole_head_is_closed(server: Server, first: bytes) -> None:
    with connect(server.port) as connection:
        connection.sendall(first)
        began = time.monotonic()
        read_all(connection)
        assert time.monotonic() - began < MAX_SECONDS


def test_a_head_sent_byte_by_byte_is_cut_off(server: Server) -> None:
    with connect(server.port) as connection:
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < MAX_SECONDS:
                connection.sendall(b"a")
                time.sleep(0.1)
        assert time.monotonic() - began < MAX_SECONDS


def test_an_idle_keep_alive_connection_is_closed(server: Server) -> None:
    with connect(server.port) as connection:
        connection.sendall(head("GET", "/healthz"))
        began = time.monotonic()
        assert status(read_all(connection)) == 200
        assert time.monotonic() - began < MAX_SECONDS


def test_more_idle_connections_than_a_workers_limit_block_nobody(server: Server, token: str) -> None:
    with flooding(server, "idle_connections"):
        time.sleep(3)
        assert [get_gated_page(server, token).status for _ in range(20)] == [200] * 20


def test_a_head_over_16_kib_is_refused(server: Server) -> None:
    with connect(server.port) as connection:
        connection.sendall(head("GET", "/", "X-Long: " + "a" * 17_000, "Connection: close"))
        assert status(read_all(connection)) in (0, 431)


@pytest.mark.parametrize("path", ["/", "/members", "/static/base.css", "/no-such-page", "/healthz"])
def test_a_cookie_header_over_8_kib_is_refused(server: Server, path: str) -> None:
    with connect(server.port) as connection:
        connection.sendall(head("GET", path, "Cookie: daypass=" + "a" * 8_192, "Connection: close"))
        assert status(read_all(connection)) == 431


@pytest.mark.parametrize("cookie", [QUOTED_BLANKS, SHORT_QUOTED_BLANKS, "daypass" + SHORT_QUOTED_BLANKS[1:]])
def test_a_cookie_with_spaces_and_a_quote_takes_no_longer_than_one_with_letters(server: Server, cookie: str) -> None:
    def spent(value: str) -> float:
        began = time.monotonic()
        with connect(server.port) as connection:
            connection.sendall(head("GET", "/members", f"Cookie: {value}", "Connection: close"))
            assert status(read_all(connection)) in (0, 401, 431)
        return time.monotonic() - began

    def fastest(value: str) -> float:
        return min(spent(value) for _ in range(5))

    assert fastest(cookie) < 20 * fastest("daypass=" + "a" * (len(cookie) - 8))


def test_a_path_with_a_long_run_of_combining_marks_is_refused(tmp_path: Path) -> None:
    """Normalizing it would take time that grows with the square of the run's length."""
    page = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "docs.example.org", "X-Forwarded-Method": "GET"}
    with running(tmp_path, DAYPASS_WORKERS="1", DAYPASS_TRUSTED_PROXIES="127.0.0.1") as server:
        for marks in (30, 31, 1300):
            refused = server.request("GET", "/gate/forward", page | {"X-Forwarded-Uri": "/a" + "%CC%81" * marks})
            assert refused.status == 403  # the first one because no rule names the host
        assert server.log.count("more than 30 combining marks in a row") == 2


def test_a_body_that_does_not_arrive_in_time_gets_408_and_a_closed_connection(server: Server) -> None:
    """Three connections: nothing sent, single bytes, and endless chunks."""
    start = head("POST", "/login", FORM, "Content-Length: 1000", "Sec-Fetch-Site: same-origin")
    chunked = head("POST", "/login", FORM, "Transfer-Encoding: chunked", "Sec-Fetch-Site: same-origin")
    with connect(server.port) as silent, connect(server.port) as slow, connect(server.port) as endless:
        for connection, first in ((silent, start), (slow, start), (endless, chunked)):
            connection.sendall(first)
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(int(MAX_SECONDS)):
                slow.sendall(b"a")
                endless.sendall(b"1\r\na\r\n")
                time.sleep(1)
        assert [status(read_all(connection)) for connection in (silent, slow, endless)] == [408] * 3
    assert server.log.count('"event": "slow_body"') >= 3


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_method_that_needs_no_body_waits_for_none(server: Server, method: str) -> None:
    with connect(server.port) as connection:
        began = time.monotonic()
        connection.sendall(head(method, "/login", FORM, "Content-Length: 1000"))
        assert status(connection.recv(65_536)) == 200
        assert time.monotonic() - began < 5


def test_a_body_that_arrives_in_pieces_is_read_whole(server: Server) -> None:
    request = form("/login", {"username": "alice", "password": PASSWORD}, "Sec-Fetch-Site: same-origin")
    with connect(server.port) as connection:
        for start in range(0, len(request), 40):
            connection.sendall(request[start : start + 40])
            time.sleep(0.1)
        assert status(connection.recv(65_536)) == 303


def test_a_truncated_body_is_not_taken_for_a_form(server: Server) -> None:
    request = form("/login", {"username": "alice", "password": PASSWORD + "x"}, "Sec-Fetch-Site: same-origin")
    with connect(server.port) as connection:
        connection.sendall(request[:-1])
        connection.shutdown(socket.SHUT_WR)
        assert status(read_all(connection)) in (0, 400)


@pytest.mark.parametrize("size", [65_537, 10**9])
def test_a_body_over_64_kib_is_refused_before_it_is_sent(server: Server, size: int) -> None:
    with connect(server.port) as connection:
        connection.sendall(head("POST", "/login", FORM, f"Content-Length: {size}", "Sec-Fetch-Site: same-origin"))
        assert status(read_all(connection)) == 413


def test_bodies_in_chunks_over_64_kib_are_refused(server: Server) -> None:
    with connect(server.port) as connection:
        lines = (FORM, "Transfer-Encoding: chunked", "Sec-Fetch-Site: same-origin")
        connection.sendall(head("POST", "/login", *lines) + b"20000\r\n" + b"a" * 0x20000 + b"\r\n0\r\n\r\n")
        assert status(read_all(connection)) == 413


def test_while_one_client_sends_no_bodies_another_can_sign_in(server: Server, token: str) -> None:
    with flooding(server, "silent_bodies"):
        time.sleep(2)
        assert [sign_in(server, "alice").status for _ in range(5)] == [200] * 5
        assert [get_gated_page(server, token).status for _ in range(20)] == [200] * 20


def test_missing_bodies_from_many_addresses_leave_threads_for_requests_without_a_body(
    server: Server, token: str
) -> None:
    """No address exceeds its share, but together they would occupy every thread."""
    start = head("POST", "/login", FORM, "Content-Length: 1000", "Sec-Fetch-Site: same-origin")
    with ExitStack() as stack:
        for number in range(2, 102):
            connection = stack.enter_context(connect(server.port, f"127.0.0.{number}"))
            connection.sendall(start)
        time.sleep(0.5)
        began = time.monotonic()
        assert [get_gated_page(server, token).status for _ in range(20)] == [200] * 20
        assert time.monotonic() - began < DEADLINE_SECONDS / 2, "they waited for the bodies to time out"


def test_threads_whose_body_timed_out_are_free_again(server: Server) -> None:
    """The thread that reads a body must end with its connection.

    Otherwise a few floods would stop every sign-in.
    """
    for _ in range(3):
        with flooding(server, "silent_bodies"):
            time.sleep(1)
    assert eventually(lambda: sign_in(server, "alice").status == 200)


@pytest.mark.parametrize("path", ["/login", "/nothing", "/members", "/static/base.css", "/login/../%"])
def test_no_response_names_a_version(server: Server, path: str) -> None:
    response = server.request("GET", path, {"Accept": "text/html"})
    assert response.headers["Server"] == "granian"
    names = re.compile(r"(?i)(granian|werkzeug|flask|python|wsgi)[/ ]v?\d")
    assert not names.search(f"{response.headers}{response.body}")
