"""“Lock my account”: what it ends, and the ways back in."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.accounts import accounts
from daypass.accounts.errors import LastAdmin
from daypass.audit.events import Event
from daypass.database.event_models import EventRow
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web import notices
from daypass.web.context import current_db
from daypass.web.pages import lock_account
from tests.conftest import PAGE, PASSWORD, Person, new_session
from tests.helpers.api_tokens import new_api_token
from tests.helpers.mail import deliver, give_address
from tests.helpers.mail_server import Mailbox, link_in, text_of
from tests.helpers.tokens import bearer_header

ADDRESS = "alice@example.org"
NEW = "copper meadow 19 slow window"


@pytest.fixture
def alice(app: Flask, sign_in: Callable[..., Person]) -> Person:
    """Alice, whose account has a confirmed address."""
    alice = sign_in("alice")
    give_address(app, alice.claims.subject, ADDRESS)
    return alice


def lock(person: Person) -> TestResponse:
    return person.client.post("/account/lock", headers=PAGE)


def signs_in(app: Flask, password: str = PASSWORD) -> bool:
    return app.test_client().post("/login", json={"username": "alice", "password": password}).status_code == 200


def use(client: FlaskClient, link: str) -> TestResponse:
    """Set a new password with a reset link."""
    return client.post("/reset", headers=PAGE, data={"token": link.partition("token=")[2], "password": NEW})


def recorded(app: Flask, event: Event) -> int:
    with app.app_context():
        return current_db().query(EventRow).filter_by(event=event.value, outcome="success").count()


@pytest.mark.each_database
def test_the_lock_ends_everything_and_nobody_can_sign_in(app: Flask, client: FlaskClient, alice: Person) -> None:
    _, other = new_session(app, alice.claims.subject)
    _, api_token = new_api_token(app, alice.claims.subject)
    response = lock(alice)
    assert response.status_code == 200
    assert "Your account is locked" in response.text
    for token in (alice.token, other, api_token):
        assert client.get("/members", headers=bearer_header(token)).status_code == 401
    assert not signs_in(app)
    assert recorded(app, Event.ACCOUNT_LOCKED) == 1


@pytest.mark.parametrize("address", [ADDRESS, None])
def test_only_the_right_password_learns_of_the_lock_and_who_opens_it(
    app: Flask, client: FlaskClient, alice: Person, address: str | None
) -> None:
    give_address(app, alice.claims.subject, address)
    lock(alice)
    right, wrong = (
        client.post("/login", headers=PAGE, data={"username": "alice", "password": password})
        for password in (PASSWORD, NEW)
    )
    assert (right.status_code, wrong.status_code) == (403, 401)
    assert "You locked your account." in right.text and "Set-Cookie" not in right.headers
    assert ("An administrator can open it again." in right.text) == (address is None)
    assert ('<a href="/forgot">Forgot your password?</a>” or ask an administrator.' in right.text) == bool(address)
    assert "locked" not in wrong.text and "Wrong name or password." in wrong.text
    with app.app_context(), write_transaction(current_db()) as db:
        accounts.disable(db, db.get_one(Account, alice.claims.subject))
    assert client.post("/login", json={"username": "alice", "password": PASSWORD}).status_code == 401


def test_the_browser_forgets_its_cookies(alice: Person) -> None:
    cookies = lock(alice).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies if "Max-Age=0" in cookie} == {"daypass", "daypass-device"}
    assert alice.client.get("/members").status_code == 401


def test_the_page_says_what_will_happen_and_changes_nothing(app: Flask, alice: Person) -> None:
    new_api_token(app, alice.claims.subject)
    page = alice.client.get("/account/lock", headers=PAGE).text
    assert "This session and 1 token for programs end now." in page
    assert f"a link comes to {ADDRESS}" in page
    assert signs_in(app)


def test_without_an_address_only_an_administrator_can_open_it(
    app: Flask, alice: Person, sign_in: Callable[..., Person]
) -> None:
    give_address(app, alice.claims.subject, None)
    reason = "Only an administrator can open it again, because your account has no confirmed e-mail address."
    assert reason in alice.client.get("/account/lock", headers=PAGE).text
    assert reason in lock(alice).text


def test_a_mailed_link_opens_the_account(app: Flask, client: FlaskClient, alice: Person, mailbox: Mailbox) -> None:
    lock(alice)
    client.post("/forgot", headers=PAGE, data={"account": "alice"})
    deliver(app)
    response = use(client, link_in(mailbox.messages[-1]))
    assert "Your account is open again" in response.text
    assert not signs_in(app)
    assert signs_in(app, NEW)
    assert recorded(app, Event.ACCOUNT_REOPENED) == 1


def test_a_link_from_before_the_lock_does_not_open_the_account(
    app: Flask, client: FlaskClient, alice: Person, mailbox: Mailbox
) -> None:
    client.post("/forgot", headers=PAGE, data={"account": "alice"})
    deliver(app)
    link = link_in(mailbox.messages[-1])
    lock(alice)
    assert use(client, link).status_code == 410
    assert not signs_in(app, NEW)


def test_a_link_from_an_administrator_opens_the_account(
    app: Flask, client: FlaskClient, alice: Person, sign_in: Callable[..., Person]
) -> None:
    give_address(app, alice.claims.subject, None)
    lock(alice)
    page = sign_in("bob", ["admin"]).client.post(f"/admin/accounts/{alice.claims.subject}/reset", headers=PAGE).text
    (link,) = re.findall(r"http\S+/reset\?token=[\w.-]+", page)
    assert use(client, link).status_code == 200
    assert signs_in(app, NEW)


def test_an_administrator_enables_the_account(app: Flask, alice: Person, sign_in: Callable[..., Person]) -> None:
    lock(alice)
    bob = sign_in("bob", ["admin"]).client
    assert "locked by its owner" in bob.get("/admin", headers=PAGE).text
    bob.post(f"/admin/accounts/{alice.claims.subject}/enable", headers=PAGE)
    assert signs_in(app)


def test_a_locked_account_that_is_disabled_cannot_be_opened_by_a_link(
    app: Flask, client: FlaskClient, alice: Person, sign_in: Callable[..., Person], mailbox: Mailbox
) -> None:
    lock(alice)
    client.post("/forgot", headers=PAGE, data={"account": "alice"})
    deliver(app)
    link = link_in(mailbox.messages[-1])
    bob = sign_in("bob", ["admin"]).client
    assert bob.post(f"/admin/accounts/{alice.claims.subject}/disable", headers=PAGE).status_code == 303
    assert use(client, link).status_code == 410
    assert not signs_in(app, NEW)


def test_at_the_terminal_the_account_is_shown_as_locked_and_can_be_opened(app: Flask, alice: Person) -> None:
    lock(alice)
    runner = app.test_cli_runner()
    assert "alice\t-\tlocked by its owner" in runner.invoke(args=["user", "list"]).output
    assert "/reset?token=" in runner.invoke(args=["user", "reset", "alice"]).output
    runner.invoke(args=["user", "enable", "alice"])
    assert signs_in(app)


@pytest.mark.each_database
def test_the_last_administrator_cannot_lock_the_account(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", ["admin"])
    response = lock(alice)
    assert response.status_code == 409
    assert LastAdmin.title in response.text
    assert alice.client.get("/members").status_code == 200
    sign_in("bob", ["admin"])
    assert lock(alice).status_code == 200


@pytest.mark.each_database
@pytest.mark.parametrize("act", ["lock", "delete"])
def test_the_last_administrator_learns_before_the_click_that_it_is_not_possible(
    sign_in: Callable[..., Person], act: str
) -> None:
    alice, url = sign_in("alice", ["admin"]), f"/account/{act}"
    page = alice.client.get(url, headers=PAGE).text
    assert f"<h1>You cannot {act} your account</h1>" in page
    assert LastAdmin.advice in page
    assert f'action="{url}"' not in page
    sign_in("bob", ["admin"])
    assert f'action="{url}"' in alice.client.get(url, headers=PAGE).text


def test_a_session_that_has_just_ended_locks_nothing(
    app: Flask, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator disables the account after the gate has let the request in, and before the lock."""
    facts = notices.request_facts

    def disable_meanwhile(settings: object) -> dict[str, str]:
        with app.app_context(), write_transaction(current_db()) as db:
            accounts.disable(db, db.get_one(Account, alice.claims.subject))
        return facts(settings)  # type: ignore[arg-type]

    monkeypatch.setattr(lock_account, "request_facts", disable_meanwhile)
    assert lock(alice).status_code == 401
    with app.app_context():
        assert not current_db().get_one(Account, alice.claims.subject).is_locked


def test_the_owner_is_told_of_the_lock_and_how_to_open_the_account(app: Flask, alice: Person, mailbox: Mailbox) -> None:
    lock(alice)
    deliver(app)
    (message,) = mailbox.messages
    assert (message["To"], message["Subject"]) == (ADDRESS, "Your account at 127.0.0.1:8000 is locked")
    assert '"Forgot your password?"' in text_of(message)
