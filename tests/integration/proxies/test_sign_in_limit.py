"""The limit on sign-in attempts per address, in proxies that have one."""

import pytest

from tests.integration.proxies.deployment import APP, NAVIGATING, Deployment, cookie
from tests.integration.proxies.raw_http import exchange, request_bytes
from tests.integration.proxies.reverse_proxies import LOGIN, adapted

BURST = 30
OFFICE, HOME = "127.0.0.41", "127.0.0.42"


def attempt_status(
    deployment: Deployment, target: str = "/login", source: str = OFFICE, host: str = LOGIN, method: str = "POST"
) -> int:
    """The status of a cross-site sign-in, refused without hashing a password."""
    headers = [("Host", f"{host}:{deployment.port}"), ("Sec-Fetch-Site", "cross-site"), *NAVIGATING]
    return exchange(deployment.port, host, request_bytes(method, target, headers), source).status


@pytest.fixture(scope="module")
def statuses(deployment: Deployment) -> list[int]:
    """The statuses of twice as many attempts as the burst allows."""
    return [attempt_status(deployment) for _ in range(2 * BURST)]


def test_attempts_beyond_the_burst_are_429_and_none_before(deployment: Deployment, statuses: list[int]) -> None:
    assert 429 not in statuses[:BURST]
    assert (429 in statuses) == (deployment.proxy != "caddy")


@pytest.mark.parametrize("target", ["/login", "/login?next=/", "/%6cogin", "//login", "/./login", "/x/../login"])
def test_every_spelling_of_the_path_counts(deployment: Deployment, statuses: list[int], target: str) -> None:
    """Without attempts left, an address gets 429 or is not signed in."""
    if deployment.proxy != "caddy":
        assert 429 in [attempt_status(deployment, target) for _ in range(3)] or attempt_status(deployment, target) in (
            308,
            404,
        )


def test_pages_and_other_addresses_are_never_throttled(deployment: Deployment, bob: str, statuses: list[int]) -> None:
    assert attempt_status(deployment, source=HOME) != 429
    assert attempt_status(deployment, "/logout") != 429
    for _ in range(BURST + 5):
        assert attempt_status(deployment, method="GET") == 200
    page = request_bytes("GET", "/", [("Host", f"{APP}:{deployment.port}"), *cookie(bob)])
    assert exchange(deployment.port, APP, page, OFFICE).status == 200
    assert attempt_status(deployment, host=APP) == 302 or attempt_status(deployment, host=APP) == 401


def test_caddys_file_says_that_it_limits_nothing() -> None:
    assert "has no rate limiter" in adapted("Caddyfile", {})
