"""Headers that are too long or slow to parse cause no server error."""

import time

import pytest

from tests.integration.proxies.deployment import APP, Deployment
from tests.integration.proxies.raw_http import Headers, request_bytes
from tests.integration.proxies.reverse_proxies import LOGIN

# Werkzeug takes quadratic time to parse a cookie with an unclosed quote: 10 s for the longest of these.
BLANKS = [6_000, 12_000, 16_000, 30_000]


def status_of(deployment: Deployment, host: str, headers: Headers, target: str) -> int:
    own = [("Host", f"{host}:{deployment.port}"), ("Accept", "*/*")]
    return deployment.send(request_bytes("GET", target, [*own, *headers]), host).status


@pytest.mark.parametrize("host", [APP, LOGIN])
@pytest.mark.parametrize("blanks", BLANKS)
def test_a_cookie_that_is_slow_to_parse_delays_nobody(deployment: Deployment, bob: str, host: str, blanks: int) -> None:
    def spent(cookie: str) -> float:
        began = time.monotonic()
        statuses = [status_of(deployment, host, [("Cookie", cookie)], "/account") for _ in range(4)]
        assert set(statuses) <= ({400, 431} if blanks > 8192 else {400, 401, 431})
        return time.monotonic() - began

    assert spent("a=" + " " * blanks + '"') < 20 * spent("a=" + "b" * blanks)
    assert deployment.request("/", token=bob).status == 200


@pytest.mark.parametrize("host", [APP, LOGIN])
@pytest.mark.parametrize("size", [4_000, 6_000])
def test_headers_of_any_size_are_served_or_refused(deployment: Deployment, host: str, size: int) -> None:
    """The check gets only some headers.

    If it refused them for their size, nginx would respond with 500.
    """
    parts = [("Cookie", f"a={'b' * size}"), ("Authorization", f"Basic {'a' * size}"), ("User-Agent", "u" * size)]
    for count in range(4):
        for more in (0, 1_500, 2_500, 3_500):
            status = status_of(
                deployment, host, [*parts[:count], ("Accept-Language", "a" * more)], f"/account?{'x' * size}"
            )
            assert status in (400, 401, 414, 431), (count, more)
    assert status_of(deployment, host, parts[:1], "/account") == 401
