"""Sign-in attempts are limited per address, by the proxies that can do it; nothing else is."""

import pytest

from tests.integration.proxies.deployment import APP, NAVIGATES, World, cookie
from tests.integration.proxies.raw_http import exchange, written
from tests.integration.proxies.reverse_proxies import LOGIN, changed

BURST = 30
OFFICE, HOME = "127.0.0.41", "127.0.0.42"


def attempt(world: World, target: str = "/login", source: str = OFFICE, host: str = LOGIN, method: str = "POST") -> int:
    """A sign-in from one of our addresses, which Daypass refuses as another site's, without a hash; its status."""
    headers = [("Host", f"{host}:{world.port}"), ("Sec-Fetch-Site", "cross-site"), *NAVIGATES]
    return exchange(world.port, host, written(method, target, headers), source).status


@pytest.fixture(scope="module")
def statuses(world: World) -> list[int]:
    """What twice as many attempts as the burst allows are answered with."""
    return [attempt(world) for _ in range(2 * BURST)]


def test_attempts_beyond_the_burst_are_429_and_none_before(world: World, statuses: list[int]) -> None:
    assert 429 not in statuses[:BURST]
    assert (429 in statuses) == (world.proxy != "caddy")


@pytest.mark.parametrize("target", ["/login", "/login?next=/", "/%6cogin", "//login", "/./login", "/x/../login"])
def test_every_spelling_of_the_path_counts(world: World, statuses: list[int], target: str) -> None:
    """An address without attempts left gets 429, or an answer that signs nobody in."""
    if world.proxy != "caddy":
        assert 429 in [attempt(world, target) for _ in range(3)] or attempt(world, target) in (308, 404)


def test_pages_and_other_addresses_are_never_throttled(world: World, bob: str, statuses: list[int]) -> None:
    assert attempt(world, source=HOME) != 429
    assert attempt(world, "/logout") != 429
    for _ in range(BURST + 5):
        assert attempt(world, method="GET") == 200
    page = written("GET", "/", [("Host", f"{APP}:{world.port}"), *cookie(bob)])
    assert exchange(world.port, APP, page, OFFICE).status == 200
    assert attempt(world, host=APP) == 302 or attempt(world, host=APP) == 401


def test_caddys_file_says_that_it_limits_nothing() -> None:
    assert "has no rate limiter" in changed("Caddyfile", {})
