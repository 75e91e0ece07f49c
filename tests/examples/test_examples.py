"""The apps in examples/: what they show, and that no forged token opens their pages."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.attack import EVERY_RING
from daypass.runtime import Runtime
from daypass.testing import forgeries, signed_in
from daypass.testing.stand_in import KEY
from daypass.web.context import current_runtime
from tests.conftest import SECRET_KEY, close_app
from tests.helpers.project import ROOT

GATED = {"notes": "/", "admin": "/admin/", "api": "/orders", "service": "/reports"}
BASE_URL = "http://127.0.0.1:5000"
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
Create = Callable[[str], Flask]


@pytest.fixture
def create(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Create]:
    """Create the app of an example, with its databases in a folder of the test."""
    apps: list[Flask] = []
    monkeypatch.setenv("DAYPASS_INSTANCE", str(tmp_path))
    monkeypatch.setenv("DAYPASS_SECRET_KEY", SECRET_KEY)
    monkeypatch.setattr(Flask, "auto_find_instance_path", lambda app: str(tmp_path / "instance"))

    def create(name: str) -> Flask:
        spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / name / "app.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)  # where Flask looks for the folder of templates
        spec.loader.exec_module(module)
        app: Flask = module.create_app()
        app.testing = True
        apps.append(app)
        return app

    yield create
    for app in apps:
        if isinstance(app.extensions["daypass"], Runtime):
            close_app(app)


def token_of(client: FlaskClient) -> str:
    """The token of a client that is signed in."""
    cookie = client.get_cookie("daypass", "127.0.0.1")
    assert cookie
    return cookie.value


def signing_key_of(app: Flask) -> SigningKey:
    with app.app_context():
        return current_runtime().keys.current().signing


def test_every_example_is_tested() -> None:
    assert {path.parent.name for path in (ROOT / "examples").glob("*/app.py")} == GATED.keys()


def test_every_example_is_a_screen_of_code() -> None:
    for path in (ROOT / "examples").glob("*/app.py"):
        assert len(path.read_text().splitlines()) <= 70, path


@pytest.mark.parametrize("name", GATED)
def test_a_visitor_is_asked_to_sign_in(create: Create, name: str) -> None:
    response = create(name).test_client().get(GATED[name], base_url=BASE_URL, headers=PAGE)
    if name == "service":
        assert response.status_code == 303
        assert response.location == "http://127.0.0.1:8000/login?next=http%3A%2F%2F127.0.0.1%3A5000%2Freports"
    else:
        assert response.status_code == 401
        assert 'action="/auth/login"' in response.text


def test_notes_are_those_of_their_author(create: Create) -> None:
    app = create("notes")
    alice, bob = signed_in(app, "alice"), signed_in(app, "bob")
    assert alice.post("/", data={"text": "Milk & <honey>"}).status_code == 302
    assert "<li>Milk &amp; &lt;honey&gt;</li>" in alice.get("/").text
    assert "<li>" not in bob.get("/").text


def test_a_note_from_another_site_is_refused(create: Create) -> None:
    alice = signed_in(create("notes"), "alice")
    assert alice.post("/", data={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "<li>" not in alice.get("/").text


def test_the_administration_is_for_the_staff(create: Create) -> None:
    app = create("admin")
    refused = signed_in(app, "bob").get("/admin/", headers=PAGE)
    assert refused.status_code == 403
    assert "You need the role “staff”" in refused.text
    assert signed_in(app, "alice", roles=["staff"]).get("/admin/").status_code == 200


def test_the_api_takes_tokens_and_tells_whose_they_are(create: Create) -> None:
    app = create("api")
    bearer = {"Authorization": f"Bearer {token_of(signed_in(app, 'alice'))}"}
    answer = app.test_client().get("/orders", base_url=BASE_URL, headers=bearer)
    assert answer.get_json()["orders"] == ["tea", "biscuits"]


@pytest.mark.parametrize("algorithm", EVERY_RING)
@pytest.mark.parametrize("name", GATED)
def test_no_forged_token_opens_a_page(
    create: Create, monkeypatch: pytest.MonkeyPatch, name: str, algorithm: str
) -> None:
    monkeypatch.setenv("DAYPASS_ALGORITHM", algorithm)
    app = create(name)
    token = token_of(signed_in(app, "alice", roles=["staff"]))
    client = app.test_client(use_cookies=False)

    def status(token: str) -> int:
        return client.get(GATED[name], base_url=BASE_URL, headers={"Cookie": f"daypass={token}"}).status_code

    key = app.extensions[KEY] if name == "service" else signing_key_of(app)
    found = forgeries(token, key.private)
    assert len(found) > 20
    assert [forgery for forgery in found if status(forgery.token) != 401] == []
    assert status(token) == 200
