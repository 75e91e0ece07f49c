"""The download of what is stored about oneself."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table

from daypass.accounts import devices, invitations, own_data
from daypass.accounts.invitations import Terms
from daypass.audit.events import Event
from daypass.database.models import Account, AuthSession, Base, Device, GuestLink, Invitation, Mail, database_now
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from daypass.settings.sign_up import SignUp
from daypass.web.context import current_db
from tests.conftest import PAGE, Person, new_session
from tests.helpers.api_token_form import create_api_token, token_in
from tests.helpers.guest_links import new_code, stored
from tests.helpers.tokens import bearer_header

EXPORTED = {
    Account: own_data.ACCOUNT,
    AuthSession: own_data.SESSION,
    Device: own_data.DEVICE,
    Invitation: own_data.INVITATION,
    GuestLink: own_data.GUEST_LINK,
    Mail: own_data.MESSAGE,
}
# Secrets, ids that prove something, what only Daypass's own work needs, and what is always empty for its owner.
NOT_EXPORTED = {
    Account: {"password_hash", "email_key", "confirm_id", "reset_id", "disabled_at", "locked_at"},
    AuthSession: {"account_id", "kid"},
    Device: {"id", "account_id"},
    Invitation: {"id", "code_hash", "inviter_id", "account_id"},
    GuestLink: {"id", "code_hash", "creator_id"},
    Mail: {"id", "account_id", "link_id", "attempts", "next_attempt_at", "last_error"},
}
# events are exported with what `/account/events` shows of them; lists of accounts repeat the account's row
ELSEWHERE = {"events", "account_lists"}


def exported(person: Person) -> Any:
    response = person.client.post("/account/export", headers=PAGE)
    assert (response.status_code, response.content_type) == (200, "application/json")
    return json.loads(response.text)


@pytest.mark.each_database
def test_the_file_has_the_account_its_sessions_browsers_messages_and_events(
    app: Flask, sign_in: Callable[..., Person]
) -> None:
    alice, bob = sign_in("alice", ["editor"]), sign_in("bob")
    with app.app_context(), write_transaction(current_db()) as db:
        devices.remember(db, alice.claims.subject, None, alice.claims.issued_at)
        for person in (alice, bob):
            message = {"channel": "mail", "kind": "reset", "recipient": "x@example.org", "facts": {}}
            db.add(Mail(account_id=person.claims.subject, **message))
        db.get_one(Account, alice.claims.subject).email = "alice@example.org"
        invitations.create(db, alice.claims.subject, Terms(hours=1), SignUp.INVITE)
        invitations.create(db, bob.claims.subject, Terms(hours=2), SignUp.INVITE)
    create_api_token(alice, name="nightly")
    found = exported(alice)
    assert [row["used_at"] for row in found["invitations"]] == [None]
    assert (found["account"]["name"], found["account"]["email"]) == ("alice", "alice@example.org")
    assert [row["name"] for row in found["sessions"]] == ["", "nightly"]
    assert found["sessions"][0]["id"] == alice.claims.session_id
    assert len(found["known_browsers"]) == len(found["messages"]) == 1
    assert [row["event"] for row in found["events"]] == ["api_token_created", "data_exported"]
    assert bob.claims.subject not in json.dumps(found)


@pytest.mark.parametrize("model", EXPORTED)
def test_every_column_is_exported_or_named_here_as_left_out(model: type[Base]) -> None:
    assert isinstance(model.__table__, Table)
    assert sorted(model.__table__.columns.keys()) == sorted([*EXPORTED[model], *NOT_EXPORTED[model]])


def test_every_table_about_accounts_is_exported() -> None:
    about = {
        table.name
        for table in Base.metadata.sorted_tables
        if table.name == "accounts"
        or "accounts" in {key.column.table.name for key in table.foreign_keys}
        or {"account_id", "by_id"} & set(table.columns.keys())
    }
    assert about == {model.__tablename__ for model in EXPORTED} | ELSEWHERE


def test_the_file_has_the_guest_links_that_the_person_has_made_and_no_others(
    app: Flask, sign_in: Callable[..., Person]
) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob", ["admin"])
    code = new_code(app, "docs.example.org", "/draft/", alice.claims.subject)
    for creator_id in (bob.claims.subject, None):
        new_code(app, "docs.example.org", "/wages", creator_id)
    found = exported(alice)
    assert [(row["host"], row["path"], row["opened_at"]) for row in found["guest_links"]] == [
        ("docs.example.org", "/draft/", None)
    ]
    secrets = [code, *(link.code_hash for link in stored(app))]
    assert [secret for secret in secrets if secret in json.dumps(found)] == []


def test_the_file_contains_no_secret(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    token = token_in(create_api_token(alice))
    with app.app_context():
        account = current_db().get_one(Account, alice.claims.subject)
        secrets = [account.password_hash, *alice.token.split("."), *token.split(".")]
    text = json.dumps(exported(alice))
    assert [secret for secret in secrets if secret in text] == []


def test_of_acts_of_an_administrator_the_file_does_not_say_who_and_from_where(
    app: Flask, sign_in: Callable[..., Person]
) -> None:
    alice, bob = sign_in("alice"), sign_in("bob", ["admin"])
    runtime: Runtime = app.extensions["daypass"]
    runtime.audit.record(
        Event.ROLES_SET,
        "success",
        account=alice.claims.subject,
        by=bob.claims.subject,
        address="192.0.2.99",
        path="/admin/x",
        user_agent="bobs browser",
    )
    text = json.dumps(exported(alice))
    assert "an administrator" in text
    assert [fact for fact in (bob.claims.subject, "192.0.2.99", "/admin/x", "bobs browser") if fact in text] == []


def test_the_browser_saves_it_as_a_file_and_keeps_no_copy(sign_in: Callable[..., Person]) -> None:
    response = sign_in("alice").client.post("/account/export", headers=PAGE)
    disposition = response.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="daypass-alice-[\d-]{10}\.json"', disposition)
    assert "no-store" in response.headers["Cache-Control"]


def test_it_needs_a_password_entered_lately(sign_in: Callable[..., Person]) -> None:
    stale = sign_in("alice", age=timedelta(minutes=11))
    response = stale.client.post("/account/export", headers=PAGE)
    assert response.status_code == 401
    assert "Enter your password to download your data." in response.text


def test_an_api_token_does_not_export(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    token = token_in(create_api_token(sign_in("alice")))
    assert client.post("/account/export", headers=bearer_header(token)).status_code == 403


def test_many_events_are_all_in_the_file(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    runtime: Runtime = app.extensions["daypass"]
    for _ in range(501):  # one more than a batch
        runtime.audit.record(Event.SIGN_IN, "success", account=alice.claims.subject)
    assert len(exported(alice)["events"]) == 502


def test_ended_sessions_are_in_the_file_too(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    ended, _ = new_session(app, alice.claims.subject)
    with app.app_context(), write_transaction(current_db()) as db:
        db.get_one(AuthSession, ended.session_id).ended_at = database_now()
    assert {row["id"]: bool(row["ended_at"]) for row in exported(alice)["sessions"]} == {
        alice.claims.session_id: False,
        ended.session_id: True,
    }
