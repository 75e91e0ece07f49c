"""A token that was let in once, and is cached, is refused at the next request after its right ended."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from daypass.accounts import accounts
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.keys import rotation
from daypass.keys.algorithms import Algorithm
from daypass.keys.signing_key import generate
from daypass.sessions import dropped_keys, lifecycle
from daypass.web.context import current_db, current_runtime
from tests.conftest import Person

RULES = '[[rule]]\nhost = ["app.example.org", "127.0.0.1"]\npath = "/"\nallow = {allow}\n'
PATIENCE = 20  # seconds until a changed file of rules must be in force
DOORS = ("decorator", "folder", "nginx", "forward")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.toml"
    file.write_text(RULES.format(allow='"signed-in"'))
    return file


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path, rules: Path) -> dict[str, str]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "page.txt").write_text("a page")
    return environ | {
        "DAYPASS_SITE": str(folder),
        "DAYPASS_RULES": str(rules),
        "DAYPASS_TRUSTED_PROXIES": "127.0.0.1",
    }


@pytest.fixture
def other(app: Flask, make_app: Callable[[], Flask]) -> Flask:
    """Another process on the same database, in which the reason ends."""
    return make_app()


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    """Somebody whom every door has let in once."""
    person = sign_in("alice")
    assert [status(person, door) for door in DOORS] == [200] * 4
    return person


def status(person: Person, door: str) -> int:
    """The status of the response at one of the doors."""
    page = {"X-Original-URL": "http://app.example.org/x", "X-Original-Method": "GET"}
    forwarded = {"Proto": "http", "Host": "app.example.org", "Uri": "/x", "Method": "GET"}
    path, headers = {
        "decorator": ("/-/account", {}),
        "folder": ("/page.txt", {}),
        "nginx": ("/gate/nginx", page),
        "forward": ("/gate/forward", {f"X-Forwarded-{name}": value for name, value in forwarded.items()}),
    }[door]
    with person.client.get(path, headers=headers) as response:
        return response.status_code


@pytest.mark.parametrize("door", DOORS)
def test_its_session_ended(other: Flask, alice: Person, door: str) -> None:
    with other.app_context(), write_transaction(current_db()):
        lifecycle.end(current_db(), alice.claims.session_id, "revoked")
    assert status(alice, door) == 401


@pytest.mark.parametrize("door", DOORS)
def test_its_account_was_disabled(other: Flask, alice: Person, door: str) -> None:
    with other.app_context(), write_transaction(current_db()):
        accounts.disable(current_db(), current_db().get_one(Account, alice.claims.subject))
    assert status(alice, door) == 401


@pytest.mark.parametrize("door", DOORS)
def test_its_key_was_dropped(other: Flask, alice: Person, door: str) -> None:
    with other.app_context():
        runtime = current_runtime()
        kid = runtime.keys.current().signing.kid
        with write_transaction(current_db()):
            rotation.rotate(current_db(), generate(Algorithm.HS256), runtime.settings.secret_key)
            dropped_keys.drop(current_db(), kid)
    assert status(alice, door) == 401


@pytest.mark.parametrize("door", DOORS)
def test_its_time_ran_out(sign_in: Callable[..., Person], door: str) -> None:
    person = sign_in("bob", age=timedelta(days=1, seconds=-2))
    assert status(person, door) == 200
    time.sleep(max(0, person.claims.expires_at.timestamp() - time.time()))
    assert status(person, door) == 401


@pytest.mark.parametrize("door", DOORS[1:])
def test_the_rules_changed(alice: Person, rules: Path, door: str) -> None:
    rules.write_text(RULES.format(allow='{ names = ["carol"] }'))
    ends = time.monotonic() + PATIENCE
    while status(alice, door) == 200 and time.monotonic() < ends:
        time.sleep(0.1)
    assert status(alice, door) == 403
