"""Administration of accounts."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE, PASSWORD, Person

pytestmark = pytest.mark.each_database


def followed(person: Person, response: TestResponse) -> str:
    assert response.status_code == 303
    return person.client.get(response.headers["Location"], headers=PAGE).text


def status(client: FlaskClient, person: Person) -> int:
    return client.get("/members", headers=person.bearer_header).status_code


def test_an_admin_signs_somebody_out_everywhere(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice, bob, charlie = sign_in("alice", ["admin"]), sign_in("bob"), sign_in("charlie")
    response = alice.client.post(f"/admin/accounts/{bob.claims.subject}/sign-out", headers=PAGE)
    assert "bob was signed out everywhere." in followed(alice, response)
    assert [status(client, person) for person in (alice, bob, charlie)] == [200, 401, 200]


def test_an_admin_disables_and_enables_somebody(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob")
    alice.client.post(f"/admin/accounts/{bob.claims.subject}/disable", headers=PAGE)
    assert status(client, bob) == 401
    assert client.post("/login", json={"username": "bob", "password": PASSWORD}).status_code == 401
    alice.client.post(f"/admin/accounts/{bob.claims.subject}/enable", headers=PAGE)
    assert status(client, bob) == 401, "what ended stays ended"
    assert client.post("/login", json={"username": "bob", "password": PASSWORD}).status_code == 200


def test_an_admin_cannot_disable_their_own_account(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", ["admin"])
    assert alice.client.post(f"/admin/accounts/{alice.claims.subject}/disable", headers=PAGE).status_code == 409
    assert status(client, alice) == 200


def test_everybody_is_signed_out_at_once(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    everybody = [sign_in("alice", ["admin"]), sign_in("bob"), sign_in("charlie")]
    everybody[0].client.post("/admin/sign-out-everybody", headers=PAGE)
    assert [status(client, person) for person in everybody] == [401, 401, 401]


@pytest.mark.parametrize("act", ["sign-out", "disable", "enable"])
def test_these_actions_are_only_for_admins_and_existing_accounts(
    client: FlaskClient, sign_in: Callable[..., Person], act: str
) -> None:
    alice, bob, mallory = sign_in("alice", ["admin"]), sign_in("bob"), sign_in("mallory")
    assert mallory.client.post(f"/admin/accounts/{bob.claims.subject}/{act}", headers=PAGE).status_code == 403
    assert mallory.client.post("/admin/sign-out-everybody", headers=PAGE).status_code == 403
    assert alice.client.post(f"/admin/accounts/nobody/{act}", headers=PAGE).status_code == 404
    assert status(client, bob) == 200
