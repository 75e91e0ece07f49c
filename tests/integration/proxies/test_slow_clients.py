"""Slow clients are served, and stalled ones disconnected, by each proxy.

The only change to the proxies' files is that timeouts are shorter.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.integration.proxies.deployment import APP, NAVIGATING, Deployment, cookie, running_deployment
from tests.integration.proxies.raw_http import read_response, request_bytes, tls_connection
from tests.integration.proxies.reverse_proxies import FILES, LOGIN, REVERSE_PROXIES, adapted, program
from tests.integration.proxies.upstream_app import LARGE

# Source addresses of 40 connections; the limit on sign-ins is per address.
SOURCES = [f"127.0.0.{host}" for host in (61, 62, 63, 64)] * 10
SHORT_TIMEOUTS = {
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
LONGER = 4.5  # seconds; longer than all of these limits
# An upload of so many steps takes longer than the limits on headers and idle connections, but not than that on a body.
STEPS = 4
FORM_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Sec-Fetch-Site": "same-origin",
    "Content-Length": "100",
}


@pytest.fixture(scope="module", params=REVERSE_PROXIES)
def impatient(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment whose proxy has short timeouts."""
    proxy = request.param
    program(proxy)
    texts = "".join(adapted(file, {}) for file in FILES[proxy])
    assert [limit for limit in SHORT_TIMEOUTS[proxy] if limit not in texts] == []
    with running_deployment(proxy, tmp_path_factory.mktemp(f"impatient-{proxy}"), SHORT_TIMEOUTS[proxy]) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def token(impatient: Deployment) -> str:
    return impatient.sign_in("bob")[0]


def test_requests_without_their_body_delay_nobody_and_are_ended(impatient: Deployment, token: str) -> None:
    """Caddy 2.11.7 ends none of them, but does not ask Daypass either."""
    head = request_bytes(
        "POST", "/login", [("Host", f"{LOGIN}:{impatient.port}"), *FORM_HEADERS.items(), ("Connection", "keep-alive")]
    )
    with ExitStack() as stack:
        connections = [stack.enter_context(tls_connection(impatient.port, LOGIN, source=source)) for source in SOURCES]
        for connection in connections:
            connection.sendall(head)
        for _ in range(5):
            assert impatient.request("/", token=token).status == 200
        assert impatient.request("/login", NAVIGATING, host=LOGIN).status == 200
        assert impatient.sign_in("bob")[0].startswith("ey")
        if impatient.proxy == "caddy":
            time.sleep(LONGER)
            assert impatient.sign_in("bob")[0].startswith("ey")
        else:
            assert {read_response(connection, "POST").status for connection in connections} <= {0, 400, 408, 499}
    assert impatient.request("/", token=token).status == 200


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: app.example.org\r\nCook"], ids=["nothing", "a part"])
def test_a_connection_whose_headers_do_not_arrive_is_closed(impatient: Deployment, sent: bytes) -> None:
    with tls_connection(impatient.port, APP) as connection:
        connection.sendall(sent)
        assert read_response(connection, "GET").status in (0, 400, 408)


def test_an_idle_connection_is_closed(impatient: Deployment, token: str) -> None:
    with tls_connection(impatient.port, APP) as connection:
        kept = [("Host", f"{APP}:{impatient.port}"), ("Connection", "keep-alive"), *cookie(token)]
        connection.sendall(request_bytes("GET", "/", kept))
        assert read_response(connection, "GET").status == 200
        assert connection.recv(1) == b""


def test_a_silent_websocket_and_a_slow_download_may_last_longer_than_all_limits(
    impatient: Deployment, token: str
) -> None:
    with ThreadPoolExecutor(2) as both:
        echoed = both.submit(impatient.socket, token, pause=LONGER)
        downloaded = both.submit(_download, impatient, token, LONGER)
    assert echoed.result() == "hello"
    assert downloaded.result() > LARGE


def _download(impatient: Deployment, token: str, seconds: float, steps: int = 20) -> int:
    """Read a large response in equal steps over this many seconds.

    Returns the number of bytes.
    """
    with tls_connection(impatient.port, APP) as connection:
        connection.sendall(request_bytes("GET", "/large", [("Host", f"{APP}:{impatient.port}"), *cookie(token)]))
        received = 0
        for step in range(steps):
            time.sleep(seconds / steps)
            while received < (step + 1) * LARGE // steps and (chunk := connection.recv(65536)):
                received += len(chunk)
        while chunk := connection.recv(65536):
            received += len(chunk)
    return received


def test_nginx_lets_a_websocket_be_silent_for_an_hour() -> None:
    """nginx's default of a minute would end it.

    The test above does not shorten this timeout.
    """
    assert "proxy_read_timeout 1h;" in adapted("nginx.conf", {})


def test_a_slow_but_steady_upload_is_accepted(impatient: Deployment, token: str) -> None:
    body = b"a" * 1000 * STEPS
    with tls_connection(impatient.port, APP) as connection:
        headers = [("Host", f"{APP}:{impatient.port}"), *cookie(token)]
        request = request_bytes("POST", "/data", headers, body)
        connection.sendall(request[: -len(body)])
        for step in range(STEPS):
            time.sleep(0.5)
            connection.sendall(body[step * 1000 : (step + 1) * 1000])
        response = read_response(connection, "POST")
    assert (response.status, response.json()["body"]) == (200, body.decode())
