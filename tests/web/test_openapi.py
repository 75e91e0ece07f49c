"""docs/openapi.json describes the routes for programs, all of them, and what they really answer."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.settings.version import VERSION
from daypass.tokens.errors import TokenFault
from daypass.web.refused_pass import gate_said
from tests.conftest import PASSWORD, Person
from tests.helpers.api_tokens import new_api_token
from tests.helpers.project import ROOT
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header

DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text())
METHODS = ("get", "post", "put", "patch", "delete")
JSON_TYPES = re.compile(r"application/(?:[\w.-]+\+)?json")
LIMITS_OFF = {"DAYPASS_LIMIT_ADDRESS": "off", "DAYPASS_LIMIT_ACCOUNT": "off"}
PAGES = {("/login", "GET"), ("/logout", "GET")}  # in the document: they share addresses with routes for programs
SIGN_IN = {"username": "alice", "password": PASSWORD}  # the example in the document


def operations() -> set[tuple[str, str]]:
    """Path and method of everything in the document, except for the pages."""
    found = {(path, method.upper()) for path, item in DOCUMENT["paths"].items() for method in item if method in METHODS}
    return found - PAGES


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The part of the document that this part is, or refers to."""
    if "$ref" not in node:
        return node
    found = DOCUMENT
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return resolved(found)


def problems(response: TestResponse, path: str, method: str) -> list[str]:
    """How a response differs from the document."""
    documented = DOCUMENT["paths"][path][method.lower()]["responses"]
    if str(response.status_code) not in documented:
        return [f"status {response.status_code} is not documented"]
    expected = resolved(documented[str(response.status_code)])
    return [*_wrong_headers(response, expected), *_wrong_content(response, expected)]


def _wrong_headers(response: TestResponse, expected: dict[str, Any]) -> Iterator[str]:
    for name, reference in expected.get("headers", {}).items():
        header, value = resolved(reference), response.headers.get(name)
        if value is None and header.get("required"):
            yield f"{name} is missing"
        elif value is not None and not _fits(int(value) if value.isdigit() else value, header["schema"]):
            yield f"{name}: {value}"


def _wrong_content(response: TestResponse, expected: dict[str, Any]) -> Iterator[str]:
    content = expected.get("content")
    if not content:
        if response.data:
            yield "a body is not documented"
    elif response.content_type not in content:
        yield f"content type {response.content_type}"
    elif not _fits(response.get_json(), content[response.content_type]["schema"]):
        yield f"body {response.text}"


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    whole = {"allOf": [schema], "components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(whole).is_valid(value)


def schemathesis(server: Server, folder: Path, *arguments: str) -> set[tuple[str, int]]:
    """Run schemathesis with all its checks; returns each operation and status that it has seen.

    folder: for what it records, which has the password and the tokens.
    """
    recording = folder / "requests.json"
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(ROOT / "docs/openapi.json"), "--url", server.url]
    options = ["--max-examples", str(rounds(full=60, quick=4)), "--no-color"]
    report = ["--report-har-path", str(recording)]
    completed = subprocess.run(
        [*command, *options, *report, *arguments], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    entries = json.loads(recording.read_text())["log"]["entries"]
    return {
        (entry["request"]["url"].partition(server.url)[2].partition("?")[0], entry["response"]["status"])
        for entry in entries
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server, with an account and a key whose public half is published."""
    settings = LIMITS_OFF | {"DAYPASS_WORKERS": "1", "DAYPASS_ALGORITHM": "ES256"}
    with running(tmp_path_factory.mktemp("server"), **settings) as server:
        server.command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        yield server


def test_schemathesis_finds_no_difference_without_a_token(server: Server, unsearched_folder: Path) -> None:
    seen = schemathesis(server, unsearched_folder)
    assert seen >= {("/login", 200), ("/login", 400), ("/login", 401), ("/login", 415), ("/logout", 204)}
    assert seen >= {("/api/me", 401), ("/.well-known/jwks.json", 200), ("/healthz", 200), ("/readyz", 200)}


def test_schemathesis_finds_no_difference_with_a_token(server: Server, unsearched_folder: Path) -> None:
    bearer = f"Authorization: Bearer {server.sign_in('alice', PASSWORD)}"
    seen = schemathesis(
        server, unsearched_folder, "--header", bearer, "--exclude-path", "/login", "--exclude-path", "/logout"
    )
    assert seen >= {("/api/me", 200), ("/api/me", 401), ("/readyz", 200)}


def is_json(client: FlaskClient, token: dict[str, str], path: str, method: str) -> bool:
    """Whether a program gets JSON, or nothing at all, from a route that it may use."""
    response = client.open(path, method=method, headers=token, json=SIGN_IN if path == "/login" else None)
    response.close()
    return response.status_code == 204 or (
        response.status_code < 400 and JSON_TYPES.fullmatch(response.mimetype or "") is not None
    )


def test_the_document_has_every_route_that_answers_a_program_with_json_and_no_other(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    routes = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in ("GET", "POST")}
    found = {
        (path, method)
        for path, method in sorted(routes)
        if is_json(client, sign_in("alice", ["admin"]).bearer_header, path.replace("<kind>", "events.jsonl"), method)
    }
    assert found == operations()


def test_the_document_has_all_words_of_the_gate() -> None:
    documented = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["gate_said"]["enum"]
    assert documented == [gate_said(fault) for fault in TokenFault]


def test_the_document_has_the_version_of_daypass_and_is_not_served(client: FlaskClient) -> None:
    assert DOCUMENT["info"]["version"] == VERSION
    for path in ("/openapi.json", "/docs/openapi.json", "/static/openapi.json"):
        assert client.get(path).status_code == 404


class TestStatuses:
    """Responses that no generated request gets."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_LIMIT_ADDRESS": "1/1h"}

    def test_a_request_from_another_site(self, client: FlaskClient) -> None:
        for path in ("/login", "/logout"):
            response = client.post(path, json=SIGN_IN, headers={"Origin": "https://evil.example"})
            assert (response.status_code, problems(response, path, "POST")) == (403, [])

    def test_a_host_that_is_not_ours(self, client: FlaskClient) -> None:
        for path, method in operations():
            response = client.open(path, method=method, headers={"Host": "evil.example"})
            assert (response.status_code, problems(response, path, method)) == (400, [])

    def test_a_body_that_is_too_large(self, client: FlaskClient) -> None:
        for path in ("/login", "/logout"):
            response = client.post(path, data=b"x" * 70_000, content_type="application/json")
            assert (response.status_code, problems(response, path, "POST")) == (413, [])

    def test_a_cookie_header_that_is_too_long(self, app: Flask) -> None:
        client = app.test_client(use_cookies=False)
        for path, method in operations():
            headers = {"Cookie": "a=" + "b" * 9000, "Sec-Fetch-Site": "same-origin"}
            response = client.open(path, method=method, headers=headers, json=SIGN_IN)
            assert (path, response.status_code, problems(response, path, method)) == (path, 431, [])

    def test_too_many_wrong_passwords(self, client: FlaskClient) -> None:
        responses = [client.post("/login", json=SIGN_IN) for _ in range(3)]
        assert [(response.status_code, problems(response, "/login", "POST")) for response in responses] == [
            (401, []),
            (429, []),
            (429, []),
        ]

    def test_an_api_token_for_another_host(
        self, app: Flask, client: FlaskClient, add_account: Callable[..., str]
    ) -> None:
        _, token = new_api_token(app, add_account("alice"), ["app.example.org"])
        response = client.get("/api/me", headers=bearer_header(token))
        assert "insufficient_scope" in response.headers["WWW-Authenticate"]
        assert (response.status_code, problems(response, "/api/me", "GET")) == (403, [])

    def test_an_api_token_for_this_host(self, app: Flask, client: FlaskClient, add_account: Callable[..., str]) -> None:
        _, token = new_api_token(app, add_account("alice"), ["127.0.0.1"])
        response = client.get("/api/me", headers=bearer_header(token))
        assert (response.status_code, problems(response, "/api/me", "GET")) == (200, [])

    def test_keys_that_have_not_changed(self, client: FlaskClient) -> None:
        path = "/.well-known/jwks.json"
        response = client.get(path, headers={"If-None-Match": client.get(path).headers["ETag"]})
        assert (response.status_code, problems(response, path, "GET")) == (304, [])

    def test_a_failing_database(self, app: Flask, client: FlaskClient, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / "daypass.sqlite3") as database:
            database.execute("DROP TABLE accounts")
            database.execute("DROP TABLE alembic_version")
        database.close()
        for path, method in (("/login", "POST"), ("/readyz", "GET")):
            response = client.open(path, method=method, json=SIGN_IN)
            assert (response.status_code, problems(response, path, method)) == (503, [])

    def test_an_error_in_daypass(self, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.view_functions, "daypass.health.healthz", lambda: 1 / 0)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        response = client.get("/healthz")
        assert response.get_json()["instance"].startswith("urn:daypass:error:")
        assert (response.status_code, problems(response, "/healthz", "GET")) == (500, [])
