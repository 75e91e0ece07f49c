"""Tokens for programs: the list, and how they are named and revoked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.database.models import AuthSession
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import PAGE, Person, new_session
from tests.helpers.api_token_form import create_api_token, token_in
from tests.helpers.api_tokens import new_api_token
from tests.helpers.tokens import bearer_header

pytestmark = pytest.mark.each_database


def listed(person: Person) -> str:
    return person.client.get("/account/tokens", headers=PAGE).text


def change(app: Flask, session_id: str, **values: object) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        row = db.get_one(AuthSession, session_id)
        for column, value in values.items():
            setattr(row, column, value)


def test_the_list_says_when_a_token_was_last_used(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    claims, _ = new_api_token(app, alice.claims.subject)
    assert ">Never</td>" in listed(alice)
    change(app, claims.session_id, last_seen_at=datetime.now(UTC) + timedelta(seconds=1))
    assert ">Never</td>" not in listed(alice)


def test_the_list_does_not_claim_that_a_token_for_apps_was_never_used(
    app: Flask, sign_in: Callable[..., Person]
) -> None:
    """A check by an app's proxy writes nothing."""
    alice = sign_in("alice")
    new_api_token(app, alice.claims.subject, hosts=["app.example.org"])
    assert ">Not recorded at apps</td>" in listed(alice)
    assert ">Never</td>" not in listed(alice)


def test_the_list_has_tokens_of_this_account_and_no_browsers(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    new_session(app, alice.claims.subject)
    assert "You have no tokens for programs." in listed(alice)
    new_api_token(app, bob.claims.subject)
    assert "You have no tokens for programs." in listed(alice)


def test_what_revoking_a_token_does_is_said_before_and_after(
    client: FlaskClient, app: Flask, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    claims, token = new_api_token(app, alice.claims.subject, hosts=["app.example.org"])
    url = f"/account/tokens/{claims.session_id}/revoke"
    page = alice.client.get(url, headers=PAGE).text
    assert all(text in page for text in ("Revoke the token nightly?", "valid on app.example.org", "cannot be undone"))
    assert client.get("/members", headers=bearer_header(token)).status_code == 403, "the question changes nothing"
    response = alice.client.post(url, headers=PAGE)
    page = alice.client.get(response.location or "", headers=PAGE).text
    assert "The token was revoked." in page
    assert "Ended by you" in page
    assert client.get("/members", headers=bearer_header(token)).status_code == 401


def test_a_token_can_be_renamed(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    claims, _ = new_api_token(app, alice.claims.subject)
    alice.client.post(f"/account/tokens/{claims.session_id}/name", headers=PAGE, data={"name": "weekly <report>"})
    assert "weekly &lt;report&gt;" in listed(alice)
    assert "<report>" not in listed(alice)


@pytest.mark.parametrize(("method", "act"), [("GET", "revoke"), ("POST", "revoke"), ("POST", "name")])
def test_nobody_can_see_or_change_another_accounts_token(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], method: str, act: str
) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    claims, token = new_api_token(app, bob.claims.subject)
    for session_id in (claims.session_id, "0" * 32, "x", "' OR 1=1 --"):
        url = f"/account/tokens/{session_id}/{act}"
        assert alice.client.open(url, method=method, headers=PAGE, data={"name": "mine"}).status_code == 404
    assert client.get("/members", headers=bearer_header(token)).status_code == 200
    assert "mine" not in listed(bob)


def test_the_new_token_is_named_with_its_hosts_and_can_be_copied(sign_in: Callable[..., Person]) -> None:
    page = create_api_token(sign_in("alice"), name="<nightly>")
    assert "A token for &lt;nightly&gt;" in page.text
    assert token_in(page)
    assert 'data-copies="text" hidden' in page.text
