"""The mail that tells administrators about a request for an account, with DAYPASS_SIGNUP=approve."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from daypass.accounts import accounts
from daypass.database.models import Account, Mail
from daypass.database.transactions import write_transaction
from daypass.mail.kinds import Kind
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD
from tests.helpers.mail import deliver, give_address, mails
from tests.helpers.mail_server import Mailbox, text_of

pytestmark = pytest.mark.each_database

ADDRESS = "alice@example.org"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "approve"}


@pytest.fixture
def alice(app: Flask, add_account: Callable[..., str]) -> str:
    """The id of an administrator with an address; bob has none, and charlie is no administrator."""
    alice = add_account("alice", ["admin"])
    give_address(app, alice, ADDRESS)
    add_account("bob", ["admin"])
    give_address(app, add_account("charlie"), "charlie@example.org")
    return alice


def ask(client: FlaskClient, name: str) -> None:
    response = client.post("/signup", headers=PAGE, data={"username": name, "password": PASSWORD})
    assert response.status_code == 200


def recipients(app: Flask) -> list[str]:
    return [mail.recipient for mail in mails(app) if mail.kind == Kind.ACCOUNT_REQUESTED]


def test_administrators_with_an_address_get_a_link_to_the_requests_and_no_name(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
) -> None:
    ask(client, "www.example.com")
    deliver(app)
    (message,) = mailbox.messages
    assert (message["To"], message["Subject"]) == (ADDRESS, "Somebody asks for an account at 127.0.0.1:8000")
    assert "See the requests:\r\nhttp://127.0.0.1:8000/admin/requests\r\n" in text_of(message)
    assert "example.com" not in message.as_string()


def test_while_requests_wait_there_is_one_mail_a_day_and_after_a_decision_the_next_one_is_mailed(
    app: Flask, client: FlaskClient, alice: str
) -> None:
    ask(client, "erin")
    ask(client, "frank")
    assert recipients(app) == [ADDRESS]
    with app.app_context(), write_transaction(current_db()) as db:
        for mail in db.scalars(select(Mail)):
            mail.created_at -= timedelta(days=1)
    ask(client, "grace")
    assert recipients(app) == [ADDRESS] * 2
    with app.app_context(), write_transaction(current_db()) as db:
        db.execute(update(Account).values(requested_at=None))
    ask(client, "heidi")
    assert recipients(app) == [ADDRESS] * 3


def test_an_administrator_who_is_disabled_gets_none(app: Flask, client: FlaskClient, alice: str) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        accounts.disable(db, db.get_one(Account, alice))
    ask(client, "erin")
    assert recipients(app) == []
