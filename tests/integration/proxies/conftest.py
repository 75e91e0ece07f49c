"""What the tests of proxies share: each proxy once, and somebody signed in."""

from collections.abc import Iterator

import pytest

from tests.integration.proxies.deployment import World, standing
from tests.integration.proxies.reverse_proxies import FRONTS, program


@pytest.fixture(scope="session", params=FRONTS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A proxy in front of Daypass, an app and a folder; tests that use it run with each proxy."""
    program(request.param)
    with standing(request.param, tmp_path_factory.mktemp(request.param)) as world:
        yield world


@pytest.fixture(scope="session")
def alice(world: World) -> str:
    """A token of alice's, who is an admin, for tests that leave its session alone."""
    return world.sign_in("alice")[0]


@pytest.fixture(scope="session")
def bob(world: World) -> str:
    """A token of bob's, who has no role, for tests that leave its session alone."""
    return world.sign_in("bob")[0]
