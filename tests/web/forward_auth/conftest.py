"""Fixtures of the tests of checks: rules, a client, alice, and each proxy."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Person
from tests.web.forward_auth.proxy_checks import PROXIES, RULES, SETTINGS, Proxy, cookie_header


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    return environ | SETTINGS | {"DAYPASS_RULES": str(rules)}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that stores no cookies."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> dict[str, str]:
    """The cookie header of alice's browser."""
    return cookie_header(sign_in("alice"))


@pytest.fixture(params=PROXIES, ids=["nginx", "forward"])
def proxy(request: pytest.FixtureRequest) -> Proxy:
    """Each kind of proxy."""
    found: Proxy = request.param
    return found
