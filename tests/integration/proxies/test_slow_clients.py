"""Clients that send or read slowly, through each proxy: those that stop are cut off, those that go on are served.

The proxies' time limits are lowered, which is the only change.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.integration.proxies.deployment import APP, NAVIGATES, World, cookie, standing
from tests.integration.proxies.raw_http import answer, connected, written
from tests.integration.proxies.reverse_proxies import FILES, FRONTS, LOGIN, changed, program
from tests.integration.proxies.upstream_app import LARGE

SOURCES = [
    f"127.0.0.{host}" for host in (61, 62, 63, 64)
] * 10  # of 40 connections; the limit of sign-ins is per address
TIMES = {
    "nginx": {
        "client_header_timeout 10s": "client_header_timeout 1s",
        "client_body_timeout 10s": "client_body_timeout 1s",
        "client_body_timeout 60s": "client_body_timeout 1s",
        "send_timeout 60s": "send_timeout 1s",
        "keepalive_timeout 60s": "keepalive_timeout 1s",
    },
    "caddy": {"read_header 10s": "read_header 1s", "read_body 5m": "read_body 3s", "idle 2m": "idle 1s"},
    "traefik": {"readTimeout: 5m": "readTimeout: 3s", "idleTimeout: 2m": "idleTimeout: 1s"},
}
LONGER = 4.5  # seconds; longer than all of them
STEPS = (
    4  # of an upload that takes longer than the limits on headers and idle connections, and less than that on a body
)
HASTY = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", "Content-Length": "100"}


@pytest.fixture(scope="module", params=FRONTS)
def hurried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A proxy whose time limits are lowered."""
    proxy = request.param
    program(proxy)
    texts = "".join(changed(file, {}) for file in FILES[proxy])
    assert [limit for limit in TIMES[proxy] if limit not in texts] == []
    with standing(proxy, tmp_path_factory.mktemp(f"hurried-{proxy}"), TIMES[proxy]) as world:
        yield world


@pytest.fixture(scope="module")
def token(hurried: World) -> str:
    return hurried.sign_in("bob")[0]


def test_requests_without_their_body_hold_nobody_up_and_are_ended(hurried: World, token: str) -> None:
    """Caddy 2.11.7 ends none of them: each stays open until its client closes it, but Daypass is never asked."""
    head = written(
        "POST", "/login", [("Host", f"{LOGIN}:{hurried.port}"), *HASTY.items(), ("Connection", "keep-alive")]
    )
    with ExitStack() as stack:
        held = [stack.enter_context(connected(hurried.port, LOGIN, source=source)) for source in SOURCES]
        for connection in held:
            connection.sendall(head)
        for _ in range(5):
            assert hurried.ask("/", token=token).status == 200
        assert hurried.ask("/login", NAVIGATES, host=LOGIN).status == 200
        assert hurried.sign_in("bob")[0].startswith("ey")
        if hurried.proxy == "caddy":
            time.sleep(LONGER)
            assert hurried.sign_in("bob")[0].startswith("ey")
        else:
            assert {answer(connection, "POST").status for connection in held} <= {0, 400, 408, 499}
    assert hurried.ask("/", token=token).status == 200


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: app.example.org\r\nCook"], ids=["nothing", "a part"])
def test_headers_that_do_not_arrive_end_the_connection(hurried: World, sent: bytes) -> None:
    with connected(hurried.port, APP) as connection:
        connection.sendall(sent)
        assert answer(connection, "GET").status in (0, 400, 408)


def test_an_idle_connection_is_closed(hurried: World, token: str) -> None:
    with connected(hurried.port, APP) as connection:
        kept = [("Host", f"{APP}:{hurried.port}"), ("Connection", "keep-alive"), *cookie(token)]
        connection.sendall(written("GET", "/", kept))
        assert answer(connection, "GET").status == 200
        assert connection.recv(1) == b""


def test_a_silent_websocket_and_a_slow_download_may_last_longer_than_all_limits(hurried: World, token: str) -> None:
    with ThreadPoolExecutor(2) as both:
        said = both.submit(hurried.socket, token, pause=LONGER)
        got = both.submit(_download, hurried, token, LONGER)
    assert said.result() == "hello"
    assert got.result() > LARGE


def _download(hurried: World, token: str, seconds: float, steps: int = 20) -> int:
    """Read a large answer in so many equal steps; returns how many bytes came."""
    with connected(hurried.port, APP) as connection:
        connection.sendall(written("GET", "/large", [("Host", f"{APP}:{hurried.port}"), *cookie(token)]))
        got = 0
        for step in range(steps):
            time.sleep(seconds / steps)
            while got < (step + 1) * LARGE // steps and (chunk := connection.recv(65536)):
                got += len(chunk)
        while chunk := connection.recv(65536):
            got += len(chunk)
    return got


def test_nginx_lets_a_websocket_be_silent_for_an_hour() -> None:
    """Its own limit, of a minute, would cut it; it is the one that is not lowered here."""
    assert "proxy_read_timeout 1h;" in changed("nginx.conf", {})


def test_an_upload_that_goes_on_is_taken(hurried: World, token: str) -> None:
    body = b"a" * 1000 * STEPS
    with connected(hurried.port, APP) as connection:
        headers = [("Host", f"{APP}:{hurried.port}"), *cookie(token)]
        whole = written("POST", "/data", headers, body)
        connection.sendall(whole[: -len(body)])
        for step in range(STEPS):
            time.sleep(0.5)
            connection.sendall(body[step * 1000 : (step + 1) * 1000])
        got = answer(connection, "POST")
    assert (got.status, got.json()["body"]) == (200, body.decode())
