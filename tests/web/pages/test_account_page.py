"""The pages of the account: the pass, the password and the deletion."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web.context import current_connection, current_db
from daypass.web.template_filters import pass_number
from tests.conftest import PAGE, PASSWORD, Person, app_settings, new_session

pytestmark = pytest.mark.each_database


NEW = "another 9 heron meadow"


def change(client: FlaskClient, **fields: str) -> TestResponse:
    return client.post("/account/password", headers=PAGE, data=fields)


def stored_hash(app: Flask, person: Person) -> str:
    with app.app_context():
        return current_db().get_one(Account, person.claims.subject).password_hash


def test_the_page_shows_the_claims_and_never_the_signature(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    page = alice.client.get("/account", headers=PAGE).text
    _, payload, signature = alice.token.split(".")
    assert alice.claims.session_id in page
    assert signature not in page
    assert signature[:12] not in page
    assert payload not in page


def test_a_new_password_ends_every_other_session_and_keeps_this_browser_in(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    _, other_token = new_session(app, alice.claims.subject)
    response = change(alice.client, current=PASSWORD, new=NEW)
    assert response.status_code == 303
    assert "Your password was changed" in alice.client.get(response.location or "", headers=PAGE).text
    assert alice.client.get("/members").status_code == 200
    assert client.get("/members", headers={"Authorization": f"Bearer {other_token}"}).status_code == 401
    assert client.get("/members", headers=alice.bearer_header).status_code == 401, "the token before the change"
    assert client.post("/login", json={"username": "alice", "password": PASSWORD}).status_code == 401
    assert client.post("/login", json={"username": "alice", "password": NEW}).status_code == 200


@pytest.mark.parametrize("current", ["", "wrong", PASSWORD + " "])
def test_the_current_password_is_asked_for(app: Flask, sign_in: Callable[..., Person], current: str) -> None:
    alice = sign_in("alice")
    before = stored_hash(app, alice)
    response = change(alice.client, current=current, new=NEW)
    assert response.status_code == 401
    assert "Wrong password." in response.text
    assert stored_hash(app, alice) == before
    assert alice.client.get("/members").status_code == 200


@pytest.mark.parametrize("new", ["", "password1", "alice1234", "daypass2026!"])
def test_a_weak_new_password_is_refused_with_advice(app: Flask, sign_in: Callable[..., Person], new: str) -> None:
    alice = sign_in("alice")
    before = stored_hash(app, alice)
    response = change(alice.client, current=PASSWORD, new=new)
    assert response.status_code == 422
    assert "easy to guess" in response.text or "8 to 128 characters." in response.text
    assert stored_hash(app, alice) == before


def test_a_password_is_never_too_old(app: Flask, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    with app.app_context(), write_transaction(current_db()):
        account = current_db().get_one(Account, alice.claims.subject)
        account.created_at = account.created_at.replace(year=2020)
    assert client.post("/login", json={"username": "alice", "password": PASSWORD}).status_code == 200


def test_the_list_of_accounts_shows_names_roles_and_live_sessions_and_no_hash(
    app: Flask, sign_in: Callable[..., Person]
) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob")
    page = alice.client.get("/admin", headers=PAGE).text
    assert "alice" in page
    assert "bob" in page
    assert page.count('data-label="Sessions" class="table-number">1<') == 2
    assert "scrypt" not in page
    assert stored_hash(app, bob) not in page


def test_the_page_of_the_password_says_so_once(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    target = change(alice.client, current=PASSWORD, new=NEW).location or ""
    assert "Your password was changed" in alice.client.get(target, headers=PAGE).text
    assert "Your password was changed" not in alice.client.get("/account/settings?changed=1", headers=PAGE).text


def test_every_page_of_the_account_links_to_the_others(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    paths = ["/account", "/account/sessions", "/account/tokens", "/account/settings", "/account/events"]
    for path in paths:
        navigation = alice.client.get(path, headers=PAGE).text.partition('class="page-nav"')[2].partition("</nav>")[0]
        assert re.findall(r'href="([^"]+)"', navigation) == paths
        assert re.findall(r'href="([^"]+)" aria-current="page"', navigation) == [path]


@pytest.mark.parametrize(
    ("path", "navigation", "current"),
    [
        ("/account/lock", "Your account", ["Account"]),
        ("/account/delete", "Your account", ["Account"]),
        ("/account/sessions/end-others", "Your account", ["Sessions"]),
        ("/admin/sign-out-everybody", "Administration", []),
    ],
)
def test_a_page_that_asks_before_an_act_has_the_links_of_the_page_before_it(
    sign_in: Callable[..., Person], path: str, navigation: str, current: list[str]
) -> None:
    page = sign_in("alice", ["admin"]).client.get(path, headers=PAGE).text
    links = page.partition(f'class="page-nav" aria-label="{navigation}"')[2].partition("</nav>")[0]
    assert re.findall(r'aria-current="page">([^<]+)', links) == current
    assert links.count("<a ") > 4


def test_the_deletion_says_what_it_does_and_deletes_nothing(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    page = alice.client.get("/account/delete", headers=PAGE)
    assert page.status_code == 200
    for text in ("Delete the account alice?", "This session ends now.", "This cannot be undone.", "download your data"):
        assert text in page.text
    assert alice.client.get("/members").status_code == 200


def test_the_page_shows_each_change_of_the_address_at_once(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    for address in ("first@example.org", "second@example.org", None):
        with app.app_context(), write_transaction(current_db()) as db:
            db.get_one(Account, alice.claims.subject).email = address
        page = alice.client.get("/account/settings", headers=PAGE).text
        assert ([address] if address else []) == re.findall(r"\w+@example\.org", page)


def test_the_page_shows_the_claims_of_each_pass(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    other = new_session(app, alice.claims.subject)
    for claims, token in ((alice.claims, alice.token), other, (alice.claims, alice.token)):
        alice.client.set_cookie(app_settings(app).cookie_name, token)
        page = alice.client.get("/account", headers=PAGE).text
        shown = {key for key in (alice.claims.session_id, other[0].session_id) if key in page}
        assert shown == {claims.session_id}
        assert pass_number(claims.session_id) in page


def test_a_request_takes_one_connection_and_gives_it_back(app: Flask) -> None:
    with app.app_context():
        alone = current_connection()
        assert alone is current_connection()
    with app.app_context():
        assert current_db().connection() is current_connection()
    assert alone.closed
