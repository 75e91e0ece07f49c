"""Target apps, one per algorithm, and a listener that counts connections."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import close_app
from tests.helpers.rounds import variants
from tests.security.forging import ALGORITHMS
from tests.security.side_effects import Listener
from tests.security.target_app import TargetApp, new_target_app


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker by which tests name their rows in SECURITY.md.

    Test_attack_rows.py checks it.
    """
    config.addinivalue_line(
        "markers", "row(*numbers): tests these rows of the table of attacks on tokens in SECURITY.md"
    )


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """The attacker's server, on loopback."""
    with Listener() as listener:
        yield listener


@pytest.fixture(scope="session")
def target_apps(
    tmp_path_factory: pytest.TempPathFactory, password_hash: str, listener: Listener
) -> Iterator[Callable[[str], TargetApp]]:
    """A function that returns the shared app that signs with an algorithm."""
    apps: dict[str, TargetApp] = {}

    def get(algorithm: str) -> TargetApp:
        if algorithm not in apps:
            directory = tmp_path_factory.mktemp(algorithm)
            apps[algorithm] = new_target_app(directory, algorithm, password_hash, listener.url)
        return apps[algorithm]

    yield get
    for app in apps.values():
        app.close()


@pytest.fixture(params=ALGORITHMS)
def target_app(request: pytest.FixtureRequest, target_apps: Callable[[str], TargetApp]) -> TargetApp:
    """The shared app of each algorithm in turn."""
    target_app: TargetApp = target_apps(request.param)
    return target_app


@pytest.fixture(params=variants(("HS256", "EdDSA", "RS256", "ES256"), quick=2))
def own_target_app(request: pytest.FixtureRequest, tmp_path: Path, password_hash: str) -> Iterator[TargetApp]:
    """A new app of each algorithm in turn (quick rounds: of two), whose keys the test may change."""
    app = new_target_app(tmp_path, request.param, password_hash, "http://127.0.0.1:9/")
    yield app
    app.close()


@pytest.fixture
def processes(own_target_app: TargetApp) -> Iterator[list[Flask]]:
    """Two apps that share a database but no memory, like two processes."""
    second = own_target_app.another_process()
    yield [own_target_app.app, second]
    close_app(second)


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """The lines of the audit log, recorded before its flood filter."""
    lines: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        lines.append(record.getMessage())
        return True

    log = logging.getLogger("daypass.events")
    log.addFilter(keep)
    yield lines
    log.removeFilter(keep)
