"""Accounts that wait for approval, with DAYPASS_SIGNUP=approve."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from daypass import maintenance
from daypass.accounts import recovery, requests
from daypass.accounts.errors import InvalidLink
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.invitations import people

pytestmark = pytest.mark.each_database

WAITS = "Your account waits for an administrator"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "approve"}


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice", ["admin"])


def sign_up(client: FlaskClient, name: str = "erin", password: str = PASSWORD) -> TestResponse:
    return client.post("/signup", headers=PAGE, data={"username": name, "password": password})


def sign_in_with(client: FlaskClient, name: str = "erin", password: str = PASSWORD) -> TestResponse:
    return client.post("/login", headers=PAGE, data={"username": name, "password": password})


def id_of(app: Flask, name: str = "erin") -> str:
    with app.app_context():
        return str(current_db().scalar(select(Account.id).where(Account.name == name)))


def decide(person: Person, act: str, account_id: str) -> TestResponse:
    return person.client.post(f"/admin/requests/{account_id}/{act}", headers=PAGE)


def test_who_signs_up_is_told_to_wait_and_is_not_signed_in(app: Flask, client: FlaskClient, alice: Person) -> None:
    assert "An administrator approves it before you can sign in." in client.get("/signup", headers=PAGE).text
    response = sign_up(client)
    assert response.status_code == 200
    assert "has to approve your account" in response.text
    assert "Set-Cookie" not in response.headers
    assert people(app) == {"alice": ["admin"], "erin": []}


def test_a_waiting_account_cannot_sign_in_and_only_the_right_password_learns_why(
    client: FlaskClient, alice: Person
) -> None:
    sign_up(client)
    right, wrong = sign_in_with(client), sign_in_with(client, password="another 9 heron meadow")
    assert (right.status_code, wrong.status_code) == (403, 401)
    assert WAITS in right.text
    assert WAITS not in wrong.text
    assert "Wrong name or password." in wrong.text
    assert "Set-Cookie" not in right.headers
    program = client.post("/login", json={"username": "erin", "password": PASSWORD})
    assert (program.status_code, program.json["title"]) == (403, "Not approved yet")  # type: ignore[index]


def test_a_waiting_account_gets_no_reset_link(app: Flask, client: FlaskClient, alice: Person) -> None:
    sign_up(client)
    erin = id_of(app)
    assert alice.client.post(f"/admin/accounts/{erin}/reset", headers=PAGE).status_code == 404
    with app.app_context():
        account = current_db().get_one(Account, erin)
        account.reset_id = "1" * 32
        with pytest.raises(InvalidLink):
            recovery.check_link(account, "1" * 32)


def test_an_approved_account_signs_in(
    app: Flask, client: FlaskClient, alice: Person, events: Callable[[], list[dict[str, str]]]
) -> None:
    sign_up(client)
    assert "Requests (1)" in alice.client.get("/admin", headers=PAGE).text
    response = decide(alice, "approve", id_of(app))
    assert "erin can sign in from now on." in alice.client.get(response.location, headers=PAGE).text
    assert sign_in_with(client).status_code == 303
    assert "Requests" not in alice.client.get("/admin", headers=PAGE).text
    found = [event for event in events() if event["event"] in ("account_requested", "account_approved")]
    assert [(event["event"], event["account"], event.get("by")) for event in found] == [
        ("account_requested", id_of(app), None),
        ("account_approved", id_of(app), alice.claims.subject),
    ]


def test_enabling_a_waiting_account_approves_it(app: Flask, client: FlaskClient, alice: Person) -> None:
    sign_up(client)
    alice.client.post(f"/admin/accounts/{id_of(app)}/enable", headers=PAGE)
    assert sign_in_with(client).status_code == 303
    assert "Requests" not in alice.client.get("/admin", headers=PAGE).text


def test_a_rejected_account_is_deleted_and_its_name_is_free(app: Flask, client: FlaskClient, alice: Person) -> None:
    sign_up(client)
    erin = id_of(app)
    page = alice.client.get(f"/admin/requests/{erin}/reject", headers=PAGE).text
    assert "The account is deleted, and the name is free again." in page
    assert "erin" in people(app), "the page only asks"
    response = decide(alice, "reject", erin)
    assert "The request of erin was rejected" in alice.client.get(response.location, headers=PAGE).text
    assert sign_in_with(client).status_code == 401
    assert sign_up(client).status_code == 200


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_only_what_waits_is_decided(app: Flask, client: FlaskClient, alice: Person, act: str) -> None:
    """A reject button on an old page must not delete an account that is in use."""
    sign_up(client)
    erin = id_of(app)
    decide(alice, "approve", erin)
    for account_id in (erin, alice.claims.subject, "0" * 32, "nobody"):
        assert decide(alice, act, account_id).status_code == 404
    assert alice.client.get(f"/admin/requests/{erin}/reject", headers=PAGE).status_code == 404
    assert sign_in_with(client).status_code == 303


def test_of_an_approval_and_a_rejection_at_once_one_is_refused(
    app: Flask, client: FlaskClient, alice: Person, sign_in: Callable[..., Person]
) -> None:
    bob = sign_in("bob", ["admin"])
    sign_up(client)
    erin, both = id_of(app), Barrier(2, timeout=30)

    def act(person: Person, what: str) -> int:
        both.wait()
        return decide(person, what, erin).status_code

    with ThreadPoolExecutor(2) as threads:
        codes = list(threads.map(act, [alice, bob], ["approve", "reject"]))
    assert sorted(codes) == [303, 404]
    assert ("erin" in people(app)) == (codes[0] == 303)


def test_members_decide_nothing(app: Flask, client: FlaskClient, alice: Person, sign_in: Callable[..., Person]) -> None:
    sign_up(client)
    mallory = sign_in("mallory")
    for act in ("approve", "reject"):
        assert decide(mallory, act, id_of(app)).status_code == 403
    assert mallory.client.get("/admin/requests", headers=PAGE).status_code == 403
    assert sign_in_with(client).status_code == 403


@pytest.mark.parametrize(("name", "status"), [("alice", 409), ("ERIN", 409), ("adm1n", 422), ("<b>", 422)])
def test_names_are_checked_as_at_sign_up(client: FlaskClient, alice: Person, name: str, status: int) -> None:
    sign_up(client)
    assert sign_up(client, name).status_code == status


def test_before_the_first_account_nobody_can_ask_for_one(app: Flask, client: FlaskClient) -> None:
    """Otherwise the set-up would end without an administrator."""
    response = sign_up(client)
    assert response.status_code == 403
    assert "This site is not set up yet." in response.text
    assert people(app) == {}


def test_the_number_of_requests_is_limited(
    app: Flask, client: FlaskClient, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MAX_WAITING", 2)
    assert [sign_up(client, name).status_code for name in ("erin", "frank", "grace")] == [200, 200, 503]
    assert "grace" not in people(app)


def test_a_request_that_nobody_decides_is_deleted_after_a_month(app: Flask, client: FlaskClient, alice: Person) -> None:
    for name, days in (("erin", 31), ("frank", 29)):
        sign_up(client, name)
        with app.app_context(), write_transaction(current_db()):
            account = current_db().get_one(Account, id_of(app, name))
            assert account.requested_at is not None
            account.requested_at -= timedelta(days=days)
    with app.app_context():
        maintenance.run(current_db())
    assert sorted(people(app)) == ["alice", "frank"]
