"""Apps of somebody else's, with Daypass in them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import Forbidden
from werkzeug.test import TestResponse

from daypass import Daypass, current_pass, token_required
from tests.conftest import PAGE, SECRET_KEY, close_app, create_account

BASE_URL = "https://shop.example.org"
HostMaker = Callable[..., Flask]


@pytest.fixture
def bare_host(tmp_path: Path) -> Flask:
    """An app with settings for Daypass, and without Daypass."""
    app = Flask("shop", instance_path=str(tmp_path / "instance"), root_path=str(tmp_path))
    app.testing = True
    app.config.update(DAYPASS_BASE_URL=BASE_URL, DAYPASS_SECRET_KEY=SECRET_KEY, SECRET_KEY="of the app")
    return app


def add_pages(app: Flask) -> None:
    """An open page, a form, a gated page, and one for a role."""

    @app.get("/open")
    def open_page() -> str:
        return f"Hello {current_pass.name}" if current_pass else "Hello"

    @app.post("/open")
    def send() -> str:
        return "Sent"

    @app.route("/orders", methods=["GET", "POST"])
    @token_required
    def orders() -> str:
        return f"Orders of {current_pass.name}"

    @app.get("/staff")
    @token_required(role="staff")
    def staff() -> str:
        return "For the staff"


def add_pages_that_refuse(app: Flask) -> None:
    """A page for which no password is new enough, and the app's own page for missing roles."""

    @app.get("/fresh")
    @token_required(fresh=0)
    def fresh() -> str:
        return "Fresh"

    @app.errorhandler(403)
    def denied(error: Forbidden) -> tuple[str, int]:
        return f"Our own page: {error.description}", 403


@pytest.fixture
def make_host(bare_host: Flask, password_hash: str) -> Iterator[HostMaker]:
    """A function that adds Daypass and pages to the app, and the accounts alice and bob, who has the role staff."""

    def make(*, url_prefix: str = "/auth", protect_app: bool = False, **config: object) -> Flask:
        bare_host.config.update(config)
        Daypass(bare_host, url_prefix=url_prefix, protect_app=protect_app)
        add_pages(bare_host)
        bare_host.extensions["daypass"].start()
        create_account(bare_host, password_hash, "alice")
        create_account(bare_host, password_hash, "bob", ["staff"])
        return bare_host

    yield make
    if "daypass" in bare_host.extensions:
        close_app(bare_host)


@pytest.fixture
def host(make_host: HostMaker) -> Flask:
    return make_host()


class Browser(FlaskClient):
    """A client at the address of the app."""

    base_url = BASE_URL

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"base_url": self.base_url} | options)


def browser(app: Flask, path_prefix: str = "") -> Browser:
    """A browser at the address of the app. path_prefix: under which a proxy serves the app."""
    client = Browser(app, app.response_class)
    client.base_url += path_prefix
    client.environ_base = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in PAGE.items()}
    return client


@pytest.fixture
def visitor(host: Flask) -> FlaskClient:
    return browser(host)
