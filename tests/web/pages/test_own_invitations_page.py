"""Members invite people, with DAYPASS_SIGNUP=invite."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.accounts import accounts, invitations
from daypass.accounts.invitations import Terms
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.settings.sign_up import SignUp
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.invitations import join, new_code, open_link, people, stored

pytestmark = pytest.mark.each_database

PATH = "/account/invitations"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "invite"}


@pytest.fixture
def bob(sign_in: Callable[..., Person]) -> Person:
    return sign_in("bob")


def invite(person: Person, **fields: str) -> TestResponse:
    return person.client.post(PATH, headers=PAGE, data={"hours": "1"} | fields)


def code_in(response: TestResponse) -> str:
    [code] = re.findall(r"/join\?code=([\w-]{32})<", response.text)
    return str(code)


def test_a_member_invites_somebody_who_chooses_a_name(app: Flask, client: FlaskClient, bob: Person) -> None:
    assert PATH in bob.client.get("/account", headers=PAGE).text
    code = code_in(invite(bob))
    assert "bob invites you" in open_link(client, code).text
    assert join(client, code, "carol").status_code == 303
    assert people(app) == {"bob": [], "carol": []}
    assert "carol" in bob.client.get(PATH, headers=PAGE).text


def test_a_member_grants_neither_roles_nor_a_name(app: Flask, bob: Person) -> None:
    """These fields are not in the form."""
    assert invite(bob, roles="admin").status_code == 422
    invite(bob, name="admin")
    assert [(invitation.name, invitation.roles) for invitation in stored(app)] in ([(None, [])], [])


def test_nobody_signs_up_without_an_invitation(app: Flask, client: FlaskClient) -> None:
    form = {"username": "mallory", "password": PASSWORD}
    for response in (client.get("/signup", headers=PAGE), client.post("/signup", headers=PAGE, data=form)):
        assert response.status_code == 403
        assert "You need an invitation to create an account here." in response.text
    assert people(app) == {}
    assert "/signup" not in client.get("/login", headers=PAGE).text


def test_a_member_has_a_few_open_invitations_even_with_requests_at_once(app: Flask, bob: Person) -> None:
    for _ in range(4):
        assert invite(bob).status_code == 200
    both = Barrier(2, timeout=30)

    def once_more(client: FlaskClient) -> int:
        both.wait()
        return client.post(PATH, headers=PAGE | bob.bearer_header, data={"hours": "1"}).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(once_more, [app.test_client(), app.test_client()])) == [200, 409]
    refused = invite(bob)
    assert refused.status_code == 409
    assert "You have 5 open invitations, which is the maximum." in refused.text
    assert "All 5 are open." in bob.client.get(PATH, headers=PAGE).text
    assert len(stored(app)) == 5


def test_a_member_sees_and_revokes_only_their_own(app: Flask, bob: Person, sign_in: Callable[..., Person]) -> None:
    mallory = sign_in("mallory")
    code = code_in(invite(bob))
    path = f"{PATH}/{stored(app)[0].id}/revoke"
    assert "Revoke" not in mallory.client.get(PATH, headers=PAGE).text
    assert mallory.client.get(path, headers=PAGE).status_code == 404
    assert mallory.client.post(path, headers=PAGE).status_code == 404
    assert "<h1>Revoke the invitation for any name?</h1>" in bob.client.get(path, headers=PAGE).text
    assert open_link(app.test_client(), code).status_code == 200
    response = bob.client.post(path, headers=PAGE)
    assert "The invitation for any name was revoked." in bob.client.get(response.location, headers=PAGE).text
    assert open_link(app.test_client(), code).status_code == 410


def test_an_invitation_of_a_disabled_member_is_not_valid(app: Flask, client: FlaskClient, bob: Person) -> None:
    code = code_in(invite(bob))
    with app.app_context(), write_transaction(current_db()):
        accounts.disable(current_db(), current_db().get_one(Account, bob.claims.subject))
    assert join(client, code, "carol").status_code == 410


def test_a_former_administrator_keeps_only_what_a_member_may_grant(
    app: Flask, client: FlaskClient, add_account: Callable[..., str], bob: Person
) -> None:
    add_account("alice", ["admin"])
    admin = add_account("dave", ["admin"])
    plain, with_roles = new_code(app, admin), new_code(app, admin, roles=("staff",))
    with_name = new_code(app, admin, name="carol")
    with app.app_context(), write_transaction(current_db()):
        accounts.set_roles(current_db(), current_db().get_one(Account, admin), [])
    assert [open_link(client, code).status_code for code in (plain, with_roles, with_name)] == [200, 410, 410]


class TestOtherSettings:
    """Unless DAYPASS_SIGNUP is `invite`, members invite nobody."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_SIGNUP": "closed"}

    def test_members_cannot_invite(self, app: Flask, bob: Person) -> None:
        assert PATH not in bob.client.get("/account", headers=PAGE).text
        assert bob.client.get(PATH, headers=PAGE).status_code == 403
        assert invite(bob).status_code == 403
        assert stored(app) == []

    def test_an_invitation_from_before_is_not_valid_any_more(
        self, app: Flask, client: FlaskClient, bob: Person
    ) -> None:
        with app.app_context(), write_transaction(current_db()):
            code = invitations.create(current_db(), bob.claims.subject, Terms(1), SignUp.INVITE)
        assert join(client, code, "carol").status_code == 410
        assert people(app) == {"bob": []}
