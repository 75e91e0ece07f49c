"""The invitations page for administrators."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass import maintenance
from daypass.accounts import invitations
from daypass.database.models import DATABASE_TIME
from daypass.web.context import current_db
from tests.conftest import PAGE, Person
from tests.helpers.invitations import age, join, new_code, open_link, people, stored

pytestmark = pytest.mark.each_database

SignIn = Callable[..., Person]


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nhost = "docs.example.org"\nallow = { roles = ["reader"] }\n')
    return environ | {"DAYPASS_RULES": str(rules)}


@pytest.fixture
def alice(sign_in: SignIn) -> Person:
    return sign_in("alice", ["admin", "staff"])


def invite(person: Person, **fields: object) -> TestResponse:
    return person.client.post("/admin/invitations", headers=PAGE, data=fields)


def listed(person: Person) -> str:
    return person.client.get("/admin/invitations", headers=PAGE).text


def code_in(response: TestResponse) -> str:
    [code] = re.findall(r'id="link">http://127\.0\.0\.1:8000/join\?code=([\w-]{32})<', response.text)
    return str(code)


def test_an_administrator_creates_a_link_that_is_shown_once(app: Flask, alice: Person) -> None:
    response = invite(alice, name=" Carol ", hours="24", roles=["reader", "staff"])
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    code = code_in(response)
    assert code not in listed(alice)
    [invitation] = stored(app)
    assert (invitation.name, invitation.roles) == ("carol", ["reader", "staff"])
    assert invitation.expires_at - invitation.created_at == timedelta(hours=24)
    assert join(app.test_client(), code).status_code == 303
    assert people(app)["carol"] == ["reader", "staff"]


def test_the_link_is_short(alice: Person) -> None:
    """It fits into a line of a mail."""
    assert len(f"http://127.0.0.1:8000/join?code={code_in(invite(alice, hours='1'))}") < 78


def test_the_link_names_the_site_and_not_the_host_of_the_request(alice: Person) -> None:
    form = {"hours": "1"}
    response = alice.client.post("/admin/invitations", headers=PAGE | {"Host": "localhost"}, data=form)
    assert code_in(response)


def test_the_roles_to_choose_from_are_those_in_the_rules_and_in_use(
    alice: Person, add_account: Callable[..., str]
) -> None:
    add_account("bob", ["editor"])
    offered = re.findall(r'name="roles" value="([^"]+)"', listed(alice))
    assert offered == ["admin", "editor", "reader", "staff"]


@pytest.mark.parametrize("roles", [["abolished"], ["<b>"], ["with space"], ["reader", "x" * 33], [""]], ids=str)
def test_a_role_that_does_not_exist_is_refused(app: Flask, alice: Person, roles: list[str]) -> None:
    response = invite(alice, hours="1", roles=roles)
    assert response.status_code == 422
    assert "One of the roles does not exist any more." in response.text
    assert stored(app) == []


@pytest.mark.parametrize("hours", ["", "0", "2", "-1", "169", "1e9", "x", "9" * 400])
def test_a_lifetime_that_is_not_offered_is_refused(app: Flask, alice: Person, hours: str) -> None:
    response = invite(alice, hours=hours)
    assert response.status_code == 422
    assert "Choose one of these." in response.text
    assert stored(app) == []


@pytest.mark.parametrize(
    ("name", "words"), [("al", "3 to 32 characters"), ("<img src=x>", "3 to 32"), ("ALICE", "This name is taken.")]
)
def test_a_name_that_nobody_can_have_is_an_error_at_its_field(app: Flask, alice: Person, name: str, words: str) -> None:
    response = invite(alice, name=name, hours="1", roles=["reader"])
    assert response.status_code == 422
    assert words in response.text
    assert "<img" not in response.text
    assert 'value="reader" checked' in response.text, "the rest of the form stays"
    assert stored(app) == []


def test_the_list_has_open_used_and_expired_invitations(app: Flask, alice: Person) -> None:
    new_code(app, alice.claims.subject, name="expired1")
    age(app, timedelta(hours=2))
    join(app.test_client(), new_code(app, alice.claims.subject, name="used1"))
    new_code(app, name="open1", roles=("staff",))
    open_part, ended = listed(alice).split('id="ended"')
    assert "open1" in open_part
    assert "The terminal" in open_part
    assert "used1" not in open_part
    states = re.findall(r'rowheader" scope="row">(\w+)<.*?data-label="State">(\w+)<', ended, re.DOTALL)
    assert states == [("expired1", "Expired"), ("used1", "Used")]


def test_a_revoked_link_is_not_valid(app: Flask, client: FlaskClient, alice: Person) -> None:
    code = code_in(invite(alice, hours="1"))
    path = f"/admin/invitations/{stored(app)[0].id}/revoke"
    question = alice.client.get(path, headers=PAGE).text
    assert "<h1>Revoke the invitation for any name?</h1>" in question
    assert open_link(client, code).status_code == 200
    response = alice.client.post(path, headers=PAGE)
    assert response.status_code == 303
    assert "The invitation for any name was revoked." in alice.client.get(response.location, headers=PAGE).text
    assert open_link(client, code).status_code == 410
    assert alice.client.post(path, headers=PAGE).status_code == 404, "it was revoked already"


def test_a_page_says_which_invitation_is_revoked(app: Flask, alice: Person) -> None:
    new_code(app, name="carol", roles=("reader", "staff"))
    page = alice.client.get(f"/admin/invitations/{stored(app)[0].id}/revoke", headers=PAGE).text
    assert "<h1>Revoke the invitation for carol?</h1>" in page
    assert "the roles reader, staff." in page


def test_a_used_invitation_cannot_be_revoked(app: Flask, alice: Person) -> None:
    join(app.test_client(), new_code(app), "carol")
    path = f"/admin/invitations/{stored(app)[0].id}/revoke"
    assert alice.client.get(path, headers=PAGE).status_code == 404
    assert alice.client.post(path, headers=PAGE).status_code == 404
    assert len(stored(app)) == 1


def test_members_cannot_invite_here(app: Flask, sign_in: SignIn) -> None:
    new_code(app)
    mallory = sign_in("mallory")
    assert invite(mallory, hours="1", roles=["admin"]).status_code == 403
    assert mallory.client.get("/admin/invitations", headers=PAGE).status_code == 403
    assert mallory.client.post(f"/admin/invitations/{stored(app)[0].id}/revoke", headers=PAGE).status_code == 403
    assert len(stored(app)) == 1


def test_open_invitations_are_limited(app: Flask, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MAX_OPEN", 2)
    assert [invite(alice, hours="1").status_code for _ in range(3)] == [200, 200, 409]
    age(app, timedelta(hours=1))
    assert invite(alice, hours="1").status_code == 200, "expired ones do not count"


def test_old_invitations_are_deleted_after_a_week(app: Flask) -> None:
    new_code(app)
    age(app, timedelta(days=7))
    with app.app_context():
        assert invitations.prune(current_db(), current_db().scalars(DATABASE_TIME).one()) == 0
        current_db().rollback()
    age(app, timedelta(hours=1))
    with app.app_context():
        maintenance.run(current_db())
    assert stored(app) == []


def test_acts_are_recorded(app: Flask, alice: Person, events: Callable[[], list[dict[str, str]]]) -> None:
    code = code_in(invite(alice, hours="1", roles=["reader"]))
    alice.client.post(f"/admin/invitations/{stored(app)[0].id}/revoke", headers=PAGE)
    open_link(app.test_client(), code)
    found = [(event["event"], event["outcome"]) for event in events() if event["event"].startswith("invitation")]
    assert found == [
        ("invitation_created", "success"),
        ("invitation_revoked", "success"),
        ("invitation_used", "failure"),
    ]
    assert code not in str(events())
