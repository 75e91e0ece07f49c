"""The id of a request: in every response and every log line, from trusted proxies only."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PAGE, Person

HEADER = "X-Request-Id"
RANDOM = re.compile("[0-9a-f]{16}")
TARGET = {"X-Original-URL": "http://127.0.0.1:8000/x", "X-Original-Method": "GET"}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_TRUSTED_PROXIES": "192.0.2.1"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/members", 401),
        ("/nowhere", 404),
        ("/account/password", 405),
        ("/static/base.css", 200),
        ("/healthz", 200),
        ("/.well-known/jwks.json", 200),
        ("/gate/nginx", 403),
    ],
)
def test_every_response_has_an_id_of_its_own(client: FlaskClient, path: str, status: int) -> None:
    found = set()
    for headers in (PAGE, {}):
        with client.get(path, headers=headers | TARGET, environ_base={"REMOTE_ADDR": "192.0.2.1"}) as response:
            assert response.status_code == status
            assert RANDOM.fullmatch(response.headers[HEADER])
            found.add(response.headers[HEADER])
    assert len(found) == 2


def test_errors_and_unchanged_files_have_one_too(app: Flask, client: FlaskClient) -> None:
    def fault() -> str:
        raise RuntimeError("fault")

    app.add_url_rule("/fault", view_func=fault)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    page = client.get("/fault", headers=PAGE)
    assert page.headers[HEADER] in page.text, "the error page shows the same id"
    with client.get("/static/base.css") as first:
        etag = first.headers["ETag"]
    again = client.get("/static/base.css", headers={"If-None-Match": etag})
    assert (again.status_code, bool(RANDOM.fullmatch(again.headers[HEADER]))) == (304, True)
    assert client.get("/", headers={"Host": "evil.example"}).headers[HEADER]


def test_the_log_has_the_id_of_the_response(client: FlaskClient, events: Callable[[], list[dict[str, str]]]) -> None:
    response = client.get("/members", headers={"Authorization": "Bearer a.b.c"})
    assert [event["request"] for event in events()] == [response.headers[HEADER]]


@pytest.mark.parametrize("reported", ["a", "0f8fad5b-d9cb-469f-a165-70867728950e", "A.b_c-1", "x" * 64])
def test_the_id_of_a_trusted_proxy_is_kept(
    client: FlaskClient, events: Callable[[], list[dict[str, str]]], reported: str
) -> None:
    environ = {"REMOTE_ADDR": "192.0.2.1"}
    response = client.get("/members", headers={HEADER: reported}, environ_base=environ)
    assert response.headers[HEADER] == reported
    assert events()[0]["request"] == reported


@pytest.mark.parametrize("reported", ["", "x" * 65, "a b", "a,b", 'a"', "a\x00", "é", "<b>", "a/b"])
def test_other_text_of_a_proxy_is_ignored(client: FlaskClient, reported: str) -> None:
    response = client.get("/", headers={HEADER: reported}, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert RANDOM.fullmatch(response.headers[HEADER])


def test_a_visitor_cannot_choose_the_id(client: FlaskClient) -> None:
    response = client.get("/", headers={HEADER: "chosen"}, environ_base={"REMOTE_ADDR": "192.0.2.99"})
    assert RANDOM.fullmatch(response.headers[HEADER])


def test_a_request_inside_a_request_has_an_id_of_its_own(app: Flask, client: FlaskClient) -> None:
    found = list[str]()

    def outer() -> str:
        found.append(app.test_client().get("/").headers[HEADER])
        return ""

    app.add_url_rule("/outer", view_func=outer)
    found.append(client.get("/outer").headers[HEADER])
    assert len(set(found)) == 2


class TestBesideAFolder:
    """Files of a static site have one too."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "public").mkdir()
        (tmp_path / "public/x.txt").write_text("x")
        return environ | {"DAYPASS_SITE": str(tmp_path / "public")}

    def test_a_file_has_an_id(self, sign_in: Callable[..., Person]) -> None:
        with sign_in("alice").client.get("/x.txt") as response:
            assert (response.status_code, bool(RANDOM.fullmatch(response.headers[HEADER]))) == (200, True)
