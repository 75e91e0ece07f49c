"""Mail addresses that administrators set and remove on the page of an account, as `daypass user email` does."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.database.models import Account
from daypass.web.context import current_db
from tests.conftest import PAGE, Person
from tests.helpers.mail import deliver, give_address, mails
from tests.helpers.mail_server import Mailbox, link_in, text_of
from tests.web.mail.conftest import ADDRESS

pytestmark = pytest.mark.each_database

OLD, NEW = "old@example.org", "new@example.org"


@pytest.fixture
def root(sign_in: Callable[..., Person]) -> Person:
    return sign_in("root", ["admin"])


@pytest.fixture
def bob(app: Flask, sign_in: Callable[..., Person]) -> Person:
    """Somebody with a confirmed address."""
    bob = sign_in("bob")
    give_address(app, bob.claims.subject, OLD)
    return bob


def post(root: Person, about: Person, act: str, **form: str) -> TestResponse:
    return root.client.post(f"/admin/accounts/{about.claims.subject}/{act}", headers=PAGE, data=form)


def followed(root: Person, response: TestResponse) -> str:
    assert response.status_code == 303, response.text
    return root.client.get(response.headers["Location"], headers=PAGE).text


def address(app: Flask, person: Person) -> str | None:
    with app.app_context():
        return current_db().get_one(Account, person.claims.subject).email


def test_an_address_counts_at_once_and_the_former_one_is_told(
    app: Flask, root: Person, bob: Person, mailbox: Mailbox, events: Callable[[], list[dict[str, str]]]
) -> None:
    page = followed(root, post(root, bob, "email", email=f" {NEW} "))
    assert f"The mail address of bob is now {NEW}." in page
    assert address(app, bob) == NEW
    deliver(app)
    assert "was changed" in mailbox.to(OLD)[0]["Subject"]
    assert "an administrator" in text_of(mailbox.to(OLD)[0])
    assert mailbox.to(NEW) == [], "nothing is to be confirmed"
    logged = [(line["account"], line["by"]) for line in events() if line["event"] == "address_changed"]
    assert logged == [(bob.claims.subject, root.claims.subject)]


def test_an_address_is_removed_with_the_one_that_waits_for_confirmation(
    app: Flask, client: FlaskClient, root: Person, bob: Person, mailbox: Mailbox
) -> None:
    bob.client.post("/account/email", headers=PAGE, data={"email": NEW})
    deliver(app)
    token = link_in(mailbox.to(NEW)[0]).partition("token=")[2]
    account_page = root.client.get(f"/admin/accounts/{bob.claims.subject}", headers=PAGE).text
    assert f'still to confirm the new address <b class="email-address">{NEW}</b>' in account_page
    page = followed(root, post(root, bob, "email/remove"))
    assert "bob has no mail address any more." in page
    assert "email/remove" not in page
    assert address(app, bob) is None
    assert client.post("/confirm-address", headers=PAGE, data={"token": token}).status_code == 410


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("", 422, "Enter an address such as alice@example.org."),
        ("nobody", 422, "Enter an address such as alice@example.org."),
        ("<b>@example.org", 422, "Enter an address such as alice@example.org."),
        (ADDRESS.upper(), 409, "This address belongs to another account here."),
    ],
)
def test_an_address_that_the_account_cannot_have_is_an_error_at_its_field(
    app: Flask, alice: str, root: Person, bob: Person, typed: str, status: int, words: str
) -> None:
    response = post(root, bob, "email", email=typed)
    assert response.status_code == status
    assert re.search(f'id="email-error">{re.escape(words)}', response.text)
    assert "<b>@" not in response.text
    assert address(app, bob) == OLD
    assert mails(app) == []
