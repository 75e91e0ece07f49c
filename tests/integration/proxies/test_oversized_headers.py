"""Headers that are too long, or slow to read, are refused at once, and never by an error of the server."""

import time

import pytest

from tests.integration.proxies.deployment import APP, World
from tests.integration.proxies.raw_http import Headers, written
from tests.integration.proxies.reverse_proxies import LOGIN

# A cookie whose quote is never closed takes Werkzeug's parser quadratic time: 10 s for the longest of these.
BLANKS = [6_000, 12_000, 16_000, 30_000]


def ask(world: World, host: str, headers: Headers, target: str) -> int:
    own = [("Host", f"{host}:{world.port}"), ("Accept", "*/*")]
    return world.send(written("GET", target, [*own, *headers]), host).status


@pytest.mark.parametrize("host", [APP, LOGIN])
@pytest.mark.parametrize("blanks", BLANKS)
def test_a_cookie_that_is_slow_to_read_holds_nobody_up(world: World, bob: str, host: str, blanks: int) -> None:
    def spent(cookie: str) -> float:
        began = time.monotonic()
        statuses = [ask(world, host, [("Cookie", cookie)], "/account") for _ in range(4)]
        assert set(statuses) <= ({400, 431} if blanks > 8192 else {400, 401, 431})
        return time.monotonic() - began

    assert spent("a=" + " " * blanks + '"') < 20 * spent("a=" + "b" * blanks)
    assert world.ask("/", token=bob).status == 200


@pytest.mark.parametrize("host", [APP, LOGIN])
@pytest.mark.parametrize("size", [4_000, 6_000])
def test_headers_of_any_size_are_served_or_refused(world: World, host: str, size: int) -> None:
    """The check gets the cookie, Authorization and the address; nginx would turn a refusal for their size into 500."""
    parts = [("Cookie", f"a={'b' * size}"), ("Authorization", f"Basic {'a' * size}"), ("User-Agent", "u" * size)]
    for count in range(4):
        for more in (0, 1_500, 2_500, 3_500):
            status = ask(world, host, [*parts[:count], ("Accept-Language", "a" * more)], f"/account?{'x' * size}")
            assert status in (400, 401, 414, 431), (count, more)
    assert ask(world, host, parts[:1], "/account") == 401
