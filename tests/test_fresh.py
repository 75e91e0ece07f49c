"""Acts that ask for the password again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.accounts import accounts
from daypass.accounts.password_hasher import PasswordHasher
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.runtime import db
from tests.conftest import PAGE, PASSWORD, Person, new_session

pytestmark = pytest.mark.each_database

ELEVEN_MINUTES = timedelta(minutes=11)
GUARDED = [
    "/account/sessions/end-others",
    "/account/sessions/0123456789abcdef0123456789abcdef/end",
    "/account/tokens",
    "/admin/sign-out-everybody",
    "/admin/accounts/x/sign-out",
    "/admin/accounts/x/disable",
    "/admin/accounts/x/enable",
]


@pytest.mark.parametrize("path", GUARDED)
def test_a_page_that_asks_comes_first_when_the_password_is_old(sign_in: Callable[..., Person], path: str) -> None:
    alice = sign_in("alice", ["admin"], age=ELEVEN_MINUTES)
    answer = alice.client.post(path, headers=PAGE, data={"name": "<b>kept</b>"})
    assert answer.status_code == 401
    assert "Your password, please" in answer.text
    assert f'action="{path}"' in answer.text
    assert 'value="&lt;b&gt;kept&lt;/b&gt;"' in answer.text
    assert alice.client.get("/members").status_code == 200


def test_a_password_typed_lately_is_not_asked_for(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice", age=timedelta(minutes=9))
    _, other = new_session(app, alice.claims.subject)
    assert alice.client.post("/account/sessions/end-others", headers=PAGE).status_code == 303
    assert client.get("/members", headers={"Authorization": f"Bearer {other}"}).status_code == 401


def test_the_password_lets_the_same_form_go_on_and_makes_a_new_session(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    _, other = new_session(app, alice.claims.subject)
    data = {"confirm_password": PASSWORD}
    answer = alice.client.post("/account/sessions/end-others", headers=PAGE, data=data)
    assert (answer.status_code, answer.location) == (303, "/account/sessions")
    assert alice.client.get("/members").status_code == 200
    for ended in (alice.token, other):
        assert client.get("/members", headers={"Authorization": f"Bearer {ended}"}).status_code == 401
    assert alice.client.post("/account/sessions/end-others", headers=PAGE).status_code == 303


def test_a_wrong_password_does_nothing(app: Flask, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    _, other = new_session(app, alice.claims.subject)
    answer = alice.client.post("/account/sessions/end-others", headers=PAGE, data={"confirm_password": "wrong"})
    assert answer.status_code == 401
    assert "This is not your password." in answer.text
    assert client.get("/members", headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_a_program_is_told_to_sign_in_again(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    data = {"confirm_password": PASSWORD}  # which only a browser is asked for
    answer = client.post("/account/sessions/end-others", headers=alice.bearer, data=data)
    assert "Set-Cookie" not in answer.headers
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert 'error="insufficient_user_authentication"' in answer.headers["WWW-Authenticate"]
    assert 'max_age="600"' in answer.headers["WWW-Authenticate"]


def test_an_act_that_fails_after_the_password_keeps_the_browser_in(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    answer = alice.client.post("/account/sessions/nobodys/end", headers=PAGE, data={"confirm_password": PASSWORD})
    assert answer.status_code == 404
    assert alice.client.get("/members").status_code == 200


def test_a_role_lost_while_the_password_is_checked_is_not_used(
    app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = sign_in("alice", ["admin"], age=ELEVEN_MINUTES), sign_in("bob", ["admin"])
    verify = PasswordHasher.verify

    def verify_slowly(self: PasswordHasher, stored: str | None, password: str) -> bool:
        with app.app_context(), write_transaction(db.session):
            accounts.set_roles(db.session, db.session.get_one(Account, alice.claims.subject), [])
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify_slowly)
    answer = alice.client.post("/admin/sign-out-everybody", headers=PAGE, data={"confirm_password": PASSWORD})
    assert answer.status_code == 403
    assert bob.client.get("/members").status_code == 200
