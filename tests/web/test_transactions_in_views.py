"""No write transaction waits for a visitor: bodies are read and verdicts given before one begins, in every view."""

import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text
from werkzeug.test import TestResponse

from daypass.database.models import StoredKey
from daypass.database.replica import Replica
from daypass.database.transactions import write_transaction
from daypass.net.request_target import SAFE_METHODS
from daypass.settings.definitions import Settings
from daypass.web import verdict
from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, PASSWORD, Person, setup_token

NEW_PASSWORD = "another 9 heron meadow"
LAB = {"act": "sign", "algorithm": "HS256", "key": "quiet-hazel-lantern-river-otter-7", "expiry": "none"}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Example:
    """A request that succeeds; `{bob}` and the like stand for what the test has in its database."""

    fields: dict[str, str] = field(default_factory=dict)
    media: str = FORM
    first_start: bool = False  # no account exists yet

    def body(self, names: dict[str, str]) -> bytes:
        fields = {name: value.format(**names) for name, value in self.fields.items()}
        return json.dumps(fields).encode() if self.media == JSON else urlencode(fields).encode()


# Every route that takes a body, by its endpoint. A new one needs an example here.
EXAMPLES = {
    "account.password": [Example({"current": PASSWORD, "new": NEW_PASSWORD})],
    "account.delete": [Example({"password": PASSWORD})],
    "sessions.end": [Example()],
    "sessions.name": [Example({"name": "my laptop"})],
    "sessions.end_others": [Example()],
    "sessions.create_token": [Example({"name": "backup", "days": "3"})],
    "lab.work": [Example(LAB | {"header": "{{}}", "claims": "{{}}"}), Example(LAB | {"act": "key"})],
    "gallery.try_all": [Example()],
    "gallery.try_one": [Example()],
    "admin.sign_out": [Example()],
    "admin.disable": [Example()],
    "admin.enable": [Example()],
    "admin.sign_out_everybody": [Example()],
    "keys.rotate": [Example({"algorithm": "ES256"})],
    "keys.drop": [Example()],
    "signin.login_post": [
        Example({"username": "bob", "password": PASSWORD}),
        Example({"username": "bob", "password": PASSWORD}, JSON),
    ],
    "signin.logout": [Example()],
    "signup.signup_post": [Example({"username": "carol", "password": NEW_PASSWORD})],
    "signup.setup_post": [
        Example({"username": "carol", "password": NEW_PASSWORD, "token": "{setup}"}, first_start=True)
    ],
}
EACH = [pytest.param(name, one, id=f"{name}-{nr}") for name, found in EXAMPLES.items() for nr, one in enumerate(found)]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "open"}


class Probe:
    """Asks the database itself, from outside, whether somebody holds its write lock."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.looks = 0
        self.found: list[str] = []

    def look(self, what: str) -> None:
        """Note what is done, if it is done while the lock is held."""
        self.looks += 1
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                self.found.append(what)


class Body(io.RawIOBase):
    """A body that lets the probe look at each attempt to read it."""

    def __init__(self, content: bytes, probe: Probe) -> None:
        self._content = io.BytesIO(content)
        self._probe = probe

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._probe.look("a body is read")
        return self._content.readinto(buffer)


@pytest.fixture
def probe(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Probe]:
    """It looks whenever a verdict or the key ring is asked for; both ask whether they are up to date."""
    probe, refresh = Probe(settings.database_url.database or ""), Replica.refresh

    def looked_at(self: Replica) -> None:
        probe.look("a verdict or the key ring is asked for")
        refresh(self)

    monkeypatch.setattr(Replica, "refresh", looked_at)
    yield probe
    assert probe.looks > 0, "nothing that it could have noticed was done"


def send(client: FlaskClient, probe: Probe, path: str, example: Example, names: dict[str, str]) -> TestResponse:
    return client.post(path, headers=PAGE, environ_overrides=carrying(example.body(names), example.media, probe))


def carrying(body: bytes, media: str, probe: Probe) -> dict[str, Any]:
    """What a request's environment says of its body."""
    return {"wsgi.input": Body(body, probe), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": media}


def names_in(app: Flask, *people: Person) -> dict[str, str]:
    """What examples and paths may name; the last of these people is the one that things are done to."""
    with app.app_context():
        ring = current_runtime().keys.current()
    found = {"setup": setup_token(app) or "", "kid": ring.signing.kid, "name": "none"}
    for person in people:
        found |= {"account_id": person.claims.subject, "session_id": person.claims.session_id}
    return found


def path_of(app: Flask, endpoint: str, names: dict[str, str]) -> str:
    rule = next(app.url_map.iter_rules(endpoint))
    return app.url_map.bind("localhost").build(endpoint, {name: names[name] for name in rule.arguments})


def test_every_route_that_takes_a_body_has_an_example(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    assert {rule.endpoint for rule in rules if (rule.methods or set()) - SAFE_METHODS} == set(EXAMPLES)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=1)], ids=["lately", "an hour ago"])
@pytest.mark.parametrize(("endpoint", "example"), EACH)
def test_no_view_reads_a_body_or_asks_the_gate_inside_a_write_transaction(
    app: Flask, sign_in: Callable[..., Person], probe: Probe, endpoint: str, example: Example, age: timedelta
) -> None:
    """Of an admin who signed in so long ago: after an hour, acts that ask for it find the password in the same form."""
    people = [] if example.first_start else [sign_in("alice", ["admin"], age=age), sign_in("bob", ["admin"])]
    whose = [sign_in("alice")] if endpoint.startswith("sessions.") else people
    names = names_in(app, *whose)
    client = people[0].client if people else app.test_client()
    confirmed = Example({"confirm_password": PASSWORD} | example.fields, example.media)
    answer = send(client, probe, path_of(app, endpoint, names), confirmed, names)
    assert (probe.found, answer.status_code // 100 in (2, 3)) == ([], True), answer.text


@pytest.mark.parametrize("keep", [False, True], ids=["plain", "renewed"])
def test_no_page_reads_a_body_or_asks_the_gate_inside_a_write_transaction(
    app: Flask, sign_in: Callable[..., Person], probe: Probe, keep: bool
) -> None:
    """A visit writes as well: when the session was seen, and a new token once a day."""
    alice = sign_in("alice", ["admin"], age=timedelta(hours=25 if keep else 1), keep=keep)
    names = names_in(app, alice) | {"filename": "base.css"}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()):
            path = path_of(app, rule.endpoint, names)
            answer = alice.client.get(path, headers=PAGE, environ_overrides=carrying(b"a=b", FORM, probe))
            assert (probe.found, answer.status_code < 500) == ([], True), path


@pytest.mark.parametrize("act", ["body", "verdict", "ring"])
def test_a_view_that_does_is_found(app: Flask, sign_in: Callable[..., Person], probe: Probe, act: str) -> None:
    """A body is read from the server's own stream here, since what a form is made of was read before the view runs."""
    body = Body(b"a=b", probe)

    def view() -> str:
        with write_transaction(current_db()):
            current_db().execute(text("SELECT 1"))
            match act:
                case "body":
                    body.read()
                case "verdict":
                    verdict.visitor()
                case "ring":
                    current_runtime().keys.current()
        return ""

    app.add_url_rule("/careless", "careless", view, methods=["POST"])
    answer = send(sign_in("alice").client, probe, "/careless", Example({"a": "b"}), {})
    assert answer.status_code == (200 if act == "body" else 500), "the app itself refuses all but the body"
    assert set(probe.found) == {"a body is read" if act == "body" else "a verdict or the key ring is asked for"}


@pytest.mark.parametrize("endpoint", ["signin.login_post", "signup.signup_post"])
def test_without_a_key_that_signs_a_visitor_with_a_pass_comes_in_all_the_same(
    app: Flask, sign_in: Callable[..., Person], probe: Probe, endpoint: str
) -> None:
    """The gate makes a key then, in a write transaction of its own, which would wait in vain for one around it."""
    alice, _ = sign_in("alice"), sign_in("bob")
    names = names_in(app)
    with app.app_context(), write_transaction(current_db()):
        current_db().execute(delete(StoredKey))
    answer = send(alice.client, probe, path_of(app, endpoint, names), EXAMPLES[endpoint][0], names)
    assert (probe.found, answer.status_code) == ([], 303), answer.text
    with app.app_context():
        assert len(current_db().scalars(select(StoredKey)).all()) == 1
