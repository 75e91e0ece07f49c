"""Four apps, one for each kind of key, made once for all attacks; and somebody who counts who calls."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import close_app
from tests.security.forging import RINGS
from tests.security.side_effects import Listener
from tests.security.target_app import World, new_world


def pytest_configure(config: pytest.Config) -> None:
    """Tests say which row of the table of attacks they are about; test_every_row looks that none is left out."""
    config.addinivalue_line("markers", "row(*numbers): about these rows of SECURITY.md's table of attacks on tokens")


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


@pytest.fixture(params=RINGS)
def own_world(request: pytest.FixtureRequest, tmp_path: Path, password_hash: str) -> Iterator[World]:
    """An app of each kind in turn, whose keys the test may change."""
    made = new_world(tmp_path, request.param, password_hash, "http://127.0.0.1:9/")
    yield made
    made.close()


@pytest.fixture
def processes(own_world: World) -> Iterator[list[Flask]]:
    """Two that run at once: they have the database in common, and no memory."""
    second = own_world.another_process()
    yield [own_world.app, second]
    close_app(second)


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
