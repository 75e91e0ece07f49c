"""Fixtures of the proxy tests: deployments, and two users signed in."""

from collections.abc import Iterator

import pytest

from tests.integration.proxies.deployment import Deployment, running_deployment
from tests.integration.proxies.reverse_proxies import REVERSE_PROXIES, program


@pytest.fixture(scope="session", params=REVERSE_PROXIES)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Daypass, an app and a folder behind a proxy.

    Tests that use it run with each proxy.
    """
    program(request.param)
    with running_deployment(request.param, tmp_path_factory.mktemp(request.param)) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def alice(deployment: Deployment) -> str:
    """A token of alice, an admin; tests must not end its session."""
    return deployment.sign_in("alice")[0]


@pytest.fixture(scope="session")
def bob(deployment: Deployment) -> str:
    """A token of bob, who has no role; tests must not end its session."""
    return deployment.sign_in("bob")[0]
