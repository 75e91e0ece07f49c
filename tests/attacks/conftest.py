"""Four apps, one for each kind of key, made once for all attacks; and somebody who counts who calls."""

import logging
from collections.abc import Callable, Iterator

import pytest

from tests.attacks.forge import RINGS
from tests.attacks.listener import Listener
from tests.attacks.world import World, new_world


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """The attacker's server, on loopback."""
    with Listener() as listening:
        yield listening


@pytest.fixture(scope="session")
def worlds(
    tmp_path_factory: pytest.TempPathFactory, password_hash: str, listener: Listener
) -> Iterator[Callable[[str], World]]:
    """The app whose key is of this algorithm; made at its first use."""
    made: dict[str, World] = {}

    def world(algorithm: str) -> World:
        if algorithm not in made:
            directory = tmp_path_factory.mktemp(algorithm)
            made[algorithm] = new_world(directory, algorithm, password_hash, listener.url)
        return made[algorithm]

    yield world
    for each in made.values():
        each.close()


@pytest.fixture(params=RINGS)
def world(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> World:
    """An app of each kind in turn."""
    world: World = worlds(request.param)
    return world


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """The lines of the events' log, before its flood filter."""
    lines: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        lines.append(record.getMessage())
        return True

    log = logging.getLogger("daypass.events")
    log.addFilter(keep)
    yield lines
    log.removeFilter(keep)
