"""Without the database nobody gets in, and routes say why (ASVS 16.5.2)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.gated_routes import gated_routes

PROGRAM = {"Accept": "application/json"}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "open", "DAYPASS_REVOCATION_GRACE": "0"}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    (tmp_path / "data").mkdir()
    return f"sqlite:///{tmp_path}/data/daypass.sqlite3"


@contextmanager
def no_database(tmp_path: Path) -> Iterator[None]:
    """Move the database's folder away for a `with` block."""
    (tmp_path / "data").rename(tmp_path / "away")
    try:
        yield
    finally:
        (tmp_path / "away").rename(tmp_path / "data")


@pytest.fixture
def late(app: Flask, make_app: Callable[[], Flask]) -> Flask:
    """Another process, which has nothing in memory yet."""
    return make_app()


@pytest.mark.parametrize("headers", [PAGE, PROGRAM], ids=["page", "program"])
def test_every_gated_route_is_unavailable(
    late: Flask, sign_in: Callable[..., Person], tmp_path: Path, headers: dict[str, str]
) -> None:
    alice = sign_in("alice", ["admin"])
    with no_database(tmp_path):
        for path, method in gated_routes(late):
            response = late.test_client().open(path, method=method, headers=headers | alice.bearer_header)
            assert response.status_code == 503, (path, method)
            assert response.headers["Retry-After"] == "10"
            assert "The database cannot be reached right now." in response.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/login", {"json": {"username": "alice", "password": PASSWORD}}),
        ("/login", {"data": {"username": "alice", "password": PASSWORD}}),
        ("/signup", {"data": {"username": "carol", "password": PASSWORD}}),
        ("/setup", {"data": {"username": "carol", "password": PASSWORD, "code": "x"}}),
        ("/setup?code=x", {}),
    ],
    ids=str,
)
def test_nobody_signs_in_or_gets_an_account(
    late: Flask, sign_in: Callable[..., Person], tmp_path: Path, path: str, body: dict[str, dict[str, str]]
) -> None:
    sign_in("alice")
    with no_database(tmp_path):
        response = late.test_client().open(path, method="POST" if body else "GET", headers=PAGE, **body)  # type: ignore[arg-type]
    assert (response.status_code, "Set-Cookie" in response.headers) == (503, False)


def test_no_session_is_reported_as_ended(
    app: Flask, late: Flask, sign_in: Callable[..., Person], tmp_path: Path
) -> None:
    alice = sign_in("alice")
    with no_database(tmp_path):
        assert late.test_client().post("/logout", headers=alice.bearer_header).status_code == 503
    assert app.test_client().get("/members", headers=alice.bearer_header).status_code == 200


def test_pages_without_the_database_stay_available(late: Flask, tmp_path: Path) -> None:
    client: FlaskClient = late.test_client()
    with no_database(tmp_path):
        statuses = {path: client.get(path, headers=PAGE).status_code for path in ("/", "/login", "/healthz", "/readyz")}
    assert statuses == {"/": 200, "/login": 200, "/healthz": 200, "/readyz": 503}
