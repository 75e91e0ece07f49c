"""No write transaction lasts long: inside of one, no view reads a body or parses a User-Agent."""

import io
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import ua_parser
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text
from werkzeug.test import TestResponse

from daypass.accounts import password_hasher, requests
from daypass.accounts.mail_links import PATHS, signed_link
from daypass.database.models import Account, StoredKey, new_id
from daypass.database.replica import Replica, ReplicaPart
from daypass.database.transactions import write_transaction
from daypass.mail import outbox
from daypass.mail.kinds import Kind
from daypass.net.request_target import SAFE_METHODS
from daypass.sessions import activity
from daypass.settings.definitions import Settings
from daypass.tokens.purposes import CONFIRM_ADDRESS, DISOWN, RESET
from daypass.web import verdict
from daypass.web.context import current_db, current_runtime
from daypass.web.page_url import own_name
from daypass.web.user_agents import describe_user_agent
from tests.conftest import PAGE, PASSWORD, Person, setup_code
from tests.helpers import guest_links
from tests.helpers.invitations import new_code, stored
from tests.helpers.mail import mail_settings

NEW_PASSWORD = "another 9 heron meadow"
LAB = {"act": "sign", "algorithm": "HS256", "key": "quiet-hazel-lantern-river-otter-7", "expiry": "none"}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Example:
    """A request that succeeds; its fields may name values such as `{setup}`."""

    fields: dict[str, str] = field(default_factory=dict)
    media: str = FORM
    first_start: bool = False  # no account exists yet

    def body(self, names: dict[str, str]) -> bytes:
        fields = {name: value.format(**names) for name, value in self.fields.items()}
        return json.dumps(fields).encode() if self.media == JSON else urlencode(fields).encode()


# Every route that reads a body, by its endpoint; a new one needs an example here.
EXAMPLES = {
    "account_settings.password": [Example({"current": PASSWORD, "new": NEW_PASSWORD})],
    "password_strength.strength": [Example({"new": NEW_PASSWORD})],
    "own_address.change_email": [Example({"email": "new@example.org"})],
    "own_address.remove_email": [Example()],
    "own_data.export": [Example()],
    "lock_account.lock": [Example()],
    "delete_account.delete": [Example({"password": PASSWORD})],
    "sessions.end": [Example()],
    "sessions.name": [Example({"name": "my laptop"})],
    "sessions.end_others": [Example()],
    "api_tokens.create_token": [Example({"name": "backup", "days": "3"})],
    "api_token_acts.revoke": [Example()],
    "api_token_acts.name": [Example({"name": "weekly"})],
    "lab.work": [Example(LAB | {"header": "{{}}", "claims": "{{}}"}), Example(LAB | {"act": "key"})],
    "gallery.try_all": [Example()],
    "gallery.try_one": [Example()],
    "account_acts.sign_out": [Example()],
    "account_acts.disable": [Example()],
    "account_acts.enable": [Example()],
    "account_acts.reset": [Example()],
    "account_acts.delete": [Example()],
    "managed_account.end_session": [Example()],
    "managed_account.set_address": [Example({"email": "new@example.org"})],
    "managed_account.remove_address": [Example()],
    "new_account.create": [Example({"name": "carol"})],
    "account_limits.add_roles": [Example({"new_role": "editor"})],
    "account_limits.remove_role": [Example({"role": "admin"})],
    "account_limits.set_end_date": [Example({"day": "2099-12-31"})],
    "account_limits.remove_end_date": [Example()],
    "admin.sign_out_everybody": [Example()],
    "keys.rotate": [Example({"algorithm": "ES256"})],
    "keys.drop": [Example()],
    "signin.login_post": [
        Example({"username": "bob", "password": PASSWORD}),
        Example({"username": "bob", "password": PASSWORD}, JSON),
    ],
    "signin.logout": [Example()],
    "signup.signup_post": [Example({"username": "carol", "password": NEW_PASSWORD})],
    "join.join_post": [Example({"username": "carol", "password": NEW_PASSWORD, "code": "{invitation}"})],
    "guest.open": [Example({"code": "{guest_link}"})],
    "guest_links.create": [Example({"url": "http://127.0.0.1/plans/", "label": "Draft", "days": "7"})],
    "guest_links.revoke": [Example()],
    "invitations.create": [Example({"name": "carol", "hours": "1"})],
    "invitations.revoke": [Example()],
    "own_invitations.create": [Example({"hours": "1"})],
    "own_invitations.revoke": [Example()],
    "requests.approve": [Example()],
    "requests.reject": [Example()],
    "recovery.forgot_post": [Example({"account": "alice"})],
    "recovery.reset_post": [Example({"token": "{reset}", "password": NEW_PASSWORD})],
    "confirm_address.confirm_address_post": [Example({"token": "{confirm_address}"})],
    "disown.disown_post": [Example({"token": "{disown}"})],
    "signup.setup_post": [
        Example({"username": "carol", "password": NEW_PASSWORD, "code": "{setup}"}, first_start=True)
    ],
}
EACH = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name, examples in EXAMPLES.items()
    for number, example in enumerate(examples)
]


@pytest.fixture
def environ(environ: dict[str, str], request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Members may invite people, if the test is about that; otherwise anybody may sign up. A rule names the host."""
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nhost = "127.0.0.1"\nallow = "signed-in"\n')
    callspec = getattr(request.node, "callspec", None)
    endpoint = callspec.params.get("endpoint", "") if callspec else ""
    signup = "invite" if endpoint.startswith("own_invitations.") else "open"
    return environ | {"DAYPASS_SIGNUP": signup, "DAYPASS_RULES": str(rules)} | mail_settings(port=25)


class LockProbe:
    """Checks from another connection whether the write lock is held."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.calls = 0
        self.while_locked: list[str] = []

    def record(self, event: str) -> None:
        """Record this event if the write lock is held."""
        self.calls += 1
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                self.while_locked.append(event)


class Body(io.RawIOBase):
    """A body that calls the probe at each attempt to read it."""

    def __init__(self, content: bytes, probe: LockProbe) -> None:
        self._content = io.BytesIO(content)
        self._probe = probe

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._probe.record("a body is read")
        return self._content.readinto(buffer)


@pytest.fixture
def probe(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LockProbe]:
    """A probe that is called when a verdict or the key ring refreshes the replica, and when a User-Agent is parsed.

    The thread that writes the last activity, seconds after a request, would hold the lock at any moment of the test.
    """
    monkeypatch.setattr(activity, "FLUSH_SECONDS", 3600)
    probe = LockProbe(settings.database_url.database or "")
    refresh, parse = Replica.refresh, ua_parser.parse

    def refresh_with_probe(self: Replica, *parts: ReplicaPart) -> None:
        probe.record("a verdict or the key ring is asked for")
        refresh(self, *parts)

    def parse_with_probe(user_agent: str) -> ua_parser.Result:
        probe.record("a User-Agent is parsed")
        return parse(user_agent)

    monkeypatch.setattr(Replica, "refresh", refresh_with_probe)
    monkeypatch.setattr(ua_parser, "parse", parse_with_probe)
    yield probe
    assert probe.calls > 0, "the probe was never called"


def send(client: FlaskClient, probe: LockProbe, path: str, example: Example, names: dict[str, str]) -> TestResponse:
    return client.post(path, headers=PAGE, environ_overrides=body_environ(example.body(names), example.media, probe))


def body_environ(body: bytes, media: str, probe: LockProbe) -> dict[str, Any]:
    """The WSGI environment of a request's body."""
    return {"wsgi.input": Body(body, probe), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": media}


def names_in(app: Flask, *people: Person) -> dict[str, str]:
    """Values that examples and paths may name; the last person is the target."""
    with app.app_context():
        ring = current_runtime().keys.current()
    found = {"setup": setup_code(app) or "", "kid": ring.signing.kid, "name": "none", "kind": "csv"}
    for person in people:
        found |= {"account_id": person.claims.subject, "session_id": person.claims.session_id}
    found |= guest_link_of(app)
    return found | invitation_of(app, people) | (links_of(app, people[0].claims.subject) if people else {})


def invitation_of(app: Flask, people: Sequence[Person]) -> dict[str, str]:
    """The code and the id of a new invitation of the first person, if there is one, else of the terminal."""
    if not people:
        return {"invitation": "none", "invitation_id": "none"}
    code = new_code(app, people[0].claims.subject)
    return {"invitation": code, "invitation_id": stored(app)[-1].id}


def guest_link_of(app: Flask) -> dict[str, str]:
    """The code and the id of a new guest link."""
    code = guest_links.new_code(app, "127.0.0.1", "/plans/")
    return {"guest_link": code, "link_id": guest_links.stored(app)[-1].id}


def request_account(app: Flask) -> str:
    """The id of a new account that waits for approval."""
    with app.app_context(), write_transaction(current_db()):
        return requests.create(current_db(), "erin", password_hasher.DUMMY_HASH).id


def links_of(app: Flask, account_id: str) -> dict[str, str]:
    """The tokens of valid links of an account, by purpose."""
    found = {purpose: new_id() for purpose in PATHS}
    with app.app_context():
        settings, ring = current_runtime().settings, current_runtime().keys.current()
        with write_transaction(current_db()):
            account = current_db().get_one(Account, account_id)
            account.new_email = "new@example.org"
            account.confirm_id, account.reset_id = found[CONFIRM_ADDRESS], found[RESET]
            outbox.put(current_db(), Kind.PASSWORD_CHANGED, account_id, "old@example.org", link_id=found[DISOWN])
        links = {
            purpose: signed_link(settings, ring, purpose, account_id, link_id) for purpose, link_id in found.items()
        }
    return {purpose: link.partition("token=")[2] for purpose, link in links.items()}


def path_of(app: Flask, endpoint: str, names: dict[str, str]) -> str:
    """The path of an endpoint, which is named without `daypass.`."""
    rule = next(app.url_map.iter_rules(f"daypass.{endpoint}"))
    return app.url_map.bind("localhost").build(rule.endpoint, {name: names[name] for name in rule.arguments})


def test_every_route_that_takes_a_body_has_an_example(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    assert {own_name(rule.endpoint) for rule in rules if (rule.methods or set()) - SAFE_METHODS} == set(EXAMPLES)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=1)], ids=["lately", "an hour ago"])
@pytest.mark.parametrize(("endpoint", "example"), EACH)
def test_no_view_reads_a_body_or_asks_the_gate_inside_a_write_transaction(
    app: Flask, sign_in: Callable[..., Person], probe: LockProbe, endpoint: str, example: Example, age: timedelta
) -> None:
    """After an hour, actions that ask for the password find it in the same form."""
    people = [] if example.first_start else [sign_in("alice", ["admin"], age=age), sign_in("bob", ["admin"])]
    targets = [sign_in("alice")] if endpoint.startswith(("sessions.", "api_token_acts.")) else people
    names = names_in(app, *targets)
    if endpoint.startswith("requests."):
        names["account_id"] = request_account(app)
    client = people[0].client if people else app.test_client()
    confirmed = Example({"confirm_password": PASSWORD} | example.fields, example.media)
    response = send(client, probe, path_of(app, endpoint, names), confirmed, names)
    assert (probe.while_locked, response.status_code // 100 in (2, 3)) == ([], True), response.text


@pytest.mark.parametrize("keep", [False, True], ids=["plain", "renewed"])
def test_no_page_reads_a_body_or_asks_the_gate_inside_a_write_transaction(
    app: Flask, sign_in: Callable[..., Person], probe: LockProbe, keep: bool
) -> None:
    """A visit writes too: the last activity, and once a day a new token."""
    alice = sign_in("alice", ["admin"], age=timedelta(hours=25 if keep else 1), keep=keep)
    names = names_in(app, alice) | {"filename": "base.css"}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and own_name(rule.endpoint):
            path = path_of(app, own_name(rule.endpoint), names)
            response = alice.client.get(path, headers=PAGE, environ_overrides=body_environ(b"a=b", FORM, probe))
            assert (probe.while_locked, response.status_code < 500) == ([], True), path


@pytest.mark.parametrize("act", ["body", "user agent", "verdict", "ring"])
def test_a_view_that_does_so_is_found(app: Flask, sign_in: Callable[..., Person], probe: LockProbe, act: str) -> None:
    """The view reads the server's own stream, since a form is read before it runs."""
    body = Body(b"a=b", probe)

    def view() -> str:
        with write_transaction(current_db()):
            current_db().execute(text("SELECT 1"))
            match act:
                case "body":
                    body.read()
                case "user agent":
                    describe_user_agent("curl/8.5.0")
                case "verdict":
                    verdict.visitor(current_runtime(), request.environ)
                case "ring":
                    current_runtime().keys.current()
        return ""

    app.add_url_rule("/careless", "careless", view, methods=["POST"])
    response = send(sign_in("alice").client, probe, "/careless", Example({"a": "b"}), {})
    found = {"body": "a body is read", "user agent": "a User-Agent is parsed"}
    assert response.status_code == (200 if act in found else 500), "the app itself refuses the others"
    assert set(probe.while_locked) == {found.get(act, "a verdict or the key ring is asked for")}


@pytest.mark.parametrize("endpoint", ["signin.login_post", "signup.signup_post"])
def test_without_a_signing_key_a_visitor_with_a_pass_can_still_sign_in(
    app: Flask, sign_in: Callable[..., Person], probe: LockProbe, endpoint: str
) -> None:
    """The gate then creates a key, in a write transaction that must not be nested."""
    alice, _ = sign_in("alice"), sign_in("bob")
    names = names_in(app)
    with app.app_context(), write_transaction(current_db()):
        current_db().execute(delete(StoredKey))
    response = send(alice.client, probe, path_of(app, endpoint, names), EXAMPLES[endpoint][0], names)
    assert (probe.while_locked, response.status_code) == ([], 303), response.text
    with app.app_context():
        assert len(current_db().scalars(select(StoredKey)).all()) == 1
