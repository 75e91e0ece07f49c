"""What is true for every route, with and without a site: CORS and TRACE."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE, Person

KEY_SET = "/.well-known/jwks.json"
ORIGINS = ["https://evil.example", "null", "http://127.0.0.1:8000.evil.example", "http://127.0.0.1:8000"]
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
METHODS = ("GET", "HEAD", "OPTIONS", "POST")  # POST last, since some of them end the sessions
CANARY = "canary-of-a-header"


@pytest.fixture(params=["alone", "beside a folder"])
def environ(environ: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "alone":
        return environ
    (tmp_path / "public").mkdir()
    (tmp_path / "public/index.html").write_text("a page of the folder's")
    (tmp_path / "public/x").write_text("a file of the folder's")
    return environ | {"DAYPASS_SITE": str(tmp_path / "public")}


def paths(app: Flask) -> list[str]:
    """Every path of the app, with values for its variables, and two unknown paths."""
    variables = {"<path:filename>": "base.css", "<site_path:path>": "x"}
    found = {rule.rule for rule in app.url_map.iter_rules()}
    return sorted(
        {re.sub("<.*?>", lambda variable: variables.get(variable[0], "0" * 32), path) for path in found}
        | {"/-/no", "/no"}
    )


@pytest.fixture
def visitors(client: FlaskClient, sign_in: Callable[..., Person]) -> list[tuple[FlaskClient, dict[str, str]]]:
    """Client and headers of a stranger, of an admin, and of the admin's program."""
    alice = sign_in("alice", ["admin"])
    return [(client, {}), (alice.client, PAGE), (client, alice.bearer_header)]


def cors(response: TestResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers if name.lower().startswith("access-control")}


@pytest.mark.parametrize("origin", ORIGINS)
def test_no_other_origin_may_read_anything_but_the_key_set(
    app: Flask, visitors: list[tuple[FlaskClient, dict[str, str]]], origin: str
) -> None:
    for method in METHODS:
        for path in paths(app):
            for client, headers in visitors:
                response = client.open(path, method=method, headers=headers | PREFLIGHT | {"Origin": origin})
                response.close()
                is_public = path == KEY_SET and method in ("GET", "HEAD")
                expected = {"Access-Control-Allow-Origin": "*"} if is_public else {}
                assert cors(response) == expected, (path, method)


def test_trace_is_refused_everywhere_and_echoes_nothing(
    app: Flask, visitors: list[tuple[FlaskClient, dict[str, str]]]
) -> None:
    urls = app.url_map.bind("127.0.0.1")
    for path in paths(app):
        for client, headers in visitors:
            response = client.open(path, method="TRACE", headers=headers | {"X-Canary": CANARY}, data=CANARY)
            assert CANARY not in response.text
            assert CANARY not in str(response.headers)
            if path.startswith("/gate/"):
                assert response.status_code == 403  # only for proxies
            elif urls.allowed_methods(path):
                assert response.status_code == 405, path
                assert "TRACE" not in response.headers["Allow"]
                assert "GET" in response.headers["Allow"] or "POST" in response.headers["Allow"]
            else:
                assert response.status_code == 404, path


def test_trace_is_refused_at_the_first_page(visitors: list[tuple[FlaskClient, dict[str, str]]]) -> None:
    invalid = {"Authorization": "Bearer a.b.c"}
    for client, headers in [*visitors, (visitors[0][0], invalid)]:
        response = client.open("/", method="TRACE", headers=headers)
        assert response.status_code == 405
        assert {"GET", "HEAD"} <= set(response.headers["Allow"].split(", "))
