"""What the tests of the checks share: rules, a client, somebody signed in, and each kind of check."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Person
from tests.web.forward_auth.proxy_checks import BOTH, RULES, SETTINGS, Proxy, cookie


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    return environ | SETTINGS | {"DAYPASS_RULES": str(rules)}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that sends the cookies that it is told to."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> dict[str, str]:
    """What alice's browser sends along."""
    return cookie(sign_in("alice"))


@pytest.fixture(params=BOTH, ids=["nginx", "forward"])
def proxy(request: pytest.FixtureRequest) -> Proxy:
    """Each kind of check."""
    found: Proxy = request.param
    return found
