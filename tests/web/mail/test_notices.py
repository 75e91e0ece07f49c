"""Notices to the owner of an account, and “this wasn't me”."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from daypass.database.models import Account, Mail
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person, new_session
from tests.helpers.mail import deliver, mails
from tests.helpers.mail_server import Mailbox, link_in, text_of
from tests.helpers.tokens import bearer_header
from tests.web.mail.conftest import ADDRESS

NEW = "copper meadow 19 slow window"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EVIL = "eve@example.org"


def sign_in_with(client: FlaskClient, user_agent: str, password: str = PASSWORD) -> TestResponse:
    data = {"username": "alice", "password": password}
    return client.post("/login", headers=PAGE | {"User-Agent": user_agent}, data=data)


def disown(client: FlaskClient, link: str) -> TestResponse:
    return client.post("/disown", headers=PAGE, data={"token": link.partition("token=")[2]})


def address(app: Flask, account_id: str) -> str | None:
    with app.app_context():
        return current_db().get_one(Account, account_id).email


@pytest.mark.each_database
def test_the_owner_hears_of_a_sign_in_from_a_new_device_once(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
) -> None:
    for browser in (client, client, app.test_client()):
        assert sign_in_with(browser, FIREFOX).status_code == 303
    program, data = app.test_client(), {"username": "alice", "password": PASSWORD}
    for _ in range(2):
        assert program.post("/login", json=data, headers={"User-Agent": "script/1"}).status_code == 200
    sign_in_with(client, "other/1", "not it")
    deliver(app)
    assert mailbox.subjects() == ["New sign-in to 127.0.0.1:8000"] * 3
    assert "Firefox on Linux, from the address 127.0.0.1" in text_of(mailbox.messages[0])


def test_the_owner_hears_of_a_changed_password_and_a_disabled_account(
    app: Flask, alice: str, mailbox: Mailbox, sign_in: Callable[..., Person]
) -> None:
    run = app.test_cli_runner().invoke
    run(args=["user", "password", "alice", "--password-stdin"], input=NEW)
    sign_in("root", ["admin"]).client.post(f"/admin/accounts/{alice}/disable", headers=PAGE)
    deliver(app)
    changed, disabled = mailbox.messages
    assert "was changed" in changed["Subject"]
    assert "at the terminal" in text_of(changed)
    assert "was disabled" in disabled["Subject"]
    assert "token=" not in text_of(disabled)


def test_the_owner_hears_of_a_password_changed_on_the_page(app: Flask, alice: str, mailbox: Mailbox) -> None:
    client = app.test_client()
    sign_in_with(client, FIREFOX)
    data = {"current": PASSWORD, "new": NEW}
    assert client.post("/account/password", headers=PAGE, data=data).status_code == 303
    deliver(app)
    assert any("was changed" in subject for subject in mailbox.subjects())


def test_without_an_address_nothing_is_sent(app: Flask, client: FlaskClient, add_account: Callable[..., str]) -> None:
    add_account("alice")
    assert sign_in_with(client, FIREFOX).status_code == 303
    assert mails(app) == []


@pytest.mark.each_database
def test_disowning_ends_all_sessions_and_makes_the_password_useless_until_it_is_reset(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox, events: Callable[[], list[dict[str, str]]]
) -> None:
    _, token = new_session(app, alice)
    sign_in_with(app.test_client(), FIREFOX)
    deliver(app)
    link = link_in(mailbox.messages[0])
    for method in ("GET", "HEAD", "OPTIONS"):
        assert client.open(link, method=method, headers=PAGE).status_code == 200
    assert client.get("/members", headers=bearer_header(token)).status_code == 200, "a visit changes nothing"
    response = disown(client, link)
    assert (response.status_code, "Set-Cookie" in response.headers) == (200, False)
    assert client.get("/members", headers=bearer_header(token)).status_code == 401
    assert sign_in_with(client, FIREFOX).status_code == 401
    assert ("account_disowned", "success") in {(event["event"], event["outcome"]) for event in events()}
    deliver(app)
    reset = mailbox.messages[-1]
    assert (reset["To"], "Reset your password" in reset["Subject"]) == (ADDRESS, True)
    data = {"token": link_in(reset).partition("token=")[2], "password": NEW}
    assert client.post("/reset", headers=PAGE, data=data).status_code == 200
    assert sign_in_with(client, FIREFOX, NEW).status_code == 303
    assert disown(client, link).status_code == 410, "it works once"


@pytest.mark.each_database
def test_the_old_address_takes_back_an_account_whose_address_an_intruder_changed(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
) -> None:
    run = app.test_cli_runner().invoke
    for intruders in (EVIL, "eve2@example.org"):
        run(args=["user", "email", "alice", intruders])
    deliver(app)
    to_alice, to_eve = link_in(mailbox.to(ADDRESS)[0]), link_in(mailbox.to(EVIL)[0])
    assert disown(client, to_eve).status_code == 200
    assert address(app, alice) == EVIL
    assert disown(client, to_alice).status_code == 200, "a notice before the intruder's own is still valid"
    assert address(app, alice) == ADDRESS
    assert disown(client, to_eve).status_code == 410
    deliver(app)
    last = mailbox.messages[-1]
    assert (last["To"], last["Subject"]) == (ADDRESS, "Reset your password for 127.0.0.1:8000")


@pytest.mark.each_database
def test_notices_after_a_disowned_act_are_void(app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox) -> None:
    """An intruder who changed the address twice has a notice of the second change."""
    run = app.test_cli_runner().invoke
    for intruders in (EVIL, "eve2@example.org"):
        run(args=["user", "email", "alice", intruders])
    deliver(app)
    to_eve = link_in(mailbox.to(EVIL)[0])
    assert disown(client, link_in(mailbox.to(ADDRESS)[0])).status_code == 200
    assert client.get(to_eve, headers=PAGE).status_code == 410
    assert disown(client, to_eve).status_code == 410
    assert address(app, alice) == ADDRESS


@pytest.mark.each_database
def test_a_restored_address_that_is_taken_is_left_out(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox, add_account: Callable[..., str]
) -> None:
    add_account("bob")
    run = app.test_cli_runner().invoke
    run(args=["user", "email", "alice", EVIL])
    run(args=["user", "email", "bob", ADDRESS])
    deliver(app)
    assert disown(client, link_in(mailbox.to(ADDRESS)[0])).status_code == 200
    assert address(app, alice) is None


@pytest.mark.parametrize("token", ["", "a.b.c"])
def test_a_forged_link_disowns_nothing(client: FlaskClient, alice: str, token: str) -> None:
    assert client.get("/disown", query_string={"token": token}, headers=PAGE).status_code == 410
    assert disown(client, f"token={token}").status_code == 410
    assert sign_in_with(client, FIREFOX).status_code == 303


class TestGuessing:
    """A notice that somebody guesses the password."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_LIMIT_ADDRESS": "off", "DAYPASS_LIMIT_ACCOUNT": "3/1h"}

    def test_the_owner_hears_once_a_day_that_somebody_guesses_the_password(
        self, app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
    ) -> None:
        for _ in range(3):
            sign_in_with(client, FIREFOX, "not it")
        deliver(app)
        assert mailbox.messages == []
        for _ in range(3):
            sign_in_with(client, FIREFOX, "not it")
        deliver(app)
        assert mailbox.subjects() == ["Somebody tries to guess your password for 127.0.0.1:8000"]
        assert "token=" not in text_of(mailbox.messages[0])
        with app.app_context(), write_transaction(current_db()):
            current_db().execute(update(Mail).values(created_at=datetime.now(UTC) - timedelta(days=1)))
        sign_in_with(client, FIREFOX, "not it")
        deliver(app)
        assert len(mailbox.messages) == 2
