"""The e-mail address of an account: confirmed by a link, unique, changed only with the password."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.accounts.email import MAX_CONFIRMATIONS
from daypass.database.models import Account
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.mail import deliver, give_address, mails
from tests.helpers.mail_server import Mailbox, link_in
from tests.web.mail.conftest import ADDRESS

NEW = "new@example.org"


def address(app: Flask, account_id: str) -> str | None:
    with app.app_context():
        return current_db().get_one(Account, account_id).email


def enter(person: Person, text: str, **more: str) -> TestResponse:
    return person.client.post("/account/email", headers=PAGE, data={"email": text} | more)


def confirm(client: FlaskClient, link: str) -> TestResponse:
    return client.post("/confirm-address", headers=PAGE, data={"token": link.partition("token=")[2]})


@pytest.mark.each_database
def test_an_address_counts_once_its_link_is_used(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], mailbox: Mailbox
) -> None:
    bob = sign_in("bob")
    assert enter(bob, NEW).status_code == 303
    deliver(app)
    assert address(app, bob.claims.subject) is None
    link = link_in(mailbox.messages[0])
    for method in ("GET", "HEAD"):
        assert client.open(link, method=method, headers=PAGE).status_code == 200
    assert address(app, bob.claims.subject) is None, "a visit confirms nothing"
    response = confirm(client, link)
    assert (response.status_code, "Set-Cookie" in response.headers) == (200, False)
    assert address(app, bob.claims.subject) == NEW
    assert confirm(client, link).status_code == 410, "it works once"
    assert NEW in bob.client.get("/account/settings", headers=PAGE).text


def test_a_new_address_needs_a_password_entered_lately(
    app: Flask, sign_in: Callable[..., Person], mailbox: Mailbox
) -> None:
    bob = sign_in("bob", age=timedelta(minutes=11))
    for path in ("/account/email", "/account/email/remove"):
        assert bob.client.post(path, headers=PAGE, data={"email": NEW}).status_code == 401
    assert mails(app) == []
    assert enter(bob, NEW, confirm_password="not it").status_code == 401
    assert mails(app) == []
    assert enter(bob, NEW, confirm_password=PASSWORD).status_code == 303
    assert len(mails(app)) == 1


@pytest.mark.each_database
def test_the_old_address_hears_of_a_change(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], mailbox: Mailbox
) -> None:
    bob = sign_in("bob")
    give_address(app, bob.claims.subject, "old@example.org")
    enter(bob, NEW)
    deliver(app)
    confirm(client, link_in(mailbox.to(NEW)[0]))
    deliver(app)
    assert "was changed" in mailbox.to("old@example.org")[0]["Subject"]
    bob.client.post("/account/email/remove", headers=PAGE)
    deliver(app)
    assert "was changed" in mailbox.to(NEW)[-1]["Subject"]
    assert address(app, bob.claims.subject) is None


def test_a_newer_link_replaces_the_one_before(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], mailbox: Mailbox
) -> None:
    bob = sign_in("bob")
    enter(bob, "first@example.org")
    deliver(app)
    enter(bob, NEW)
    deliver(app)
    first, second = map(link_in, mailbox.messages)
    assert confirm(client, first).status_code == 410
    assert confirm(client, second).status_code == 200
    assert address(app, bob.claims.subject) == NEW


@pytest.mark.each_database
@pytest.mark.parametrize("spelling", [ADDRESS, "alice@EXAMPLE.org"])
def test_two_accounts_cannot_have_the_same_address_and_only_its_mailbox_learns_of_it(
    app: Flask, client: FlaskClient, alice: str, sign_in: Callable[..., Person], mailbox: Mailbox, spelling: str
) -> None:
    bob = sign_in("bob")
    free, taken = enter(bob, NEW), enter(bob, spelling)
    assert (taken.status_code, urlsplit(taken.location).path) == (free.status_code, urlsplit(free.location).path)
    deliver(app)
    assert confirm(client, link_in(mailbox.messages[-1])).status_code == 409
    assert (address(app, bob.claims.subject), address(app, alice)) == (None, ADDRESS)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "alice",
            "alice@",
            "@example.org",
            "a b@example.org",
            "a@example.org\r\nBcc: eve@example.org",
            "a@b, c@d",
        ),
        *("Alice <alice@example.org>", "a" * 250 + "@example.org", "é@example.org"),
    ],
)
def test_a_malformed_address_is_refused(app: Flask, sign_in: Callable[..., Person], text: str) -> None:
    response = enter(sign_in("bob"), text)
    assert response.status_code == 422
    assert "Enter an address such as" in response.text
    assert mails(app) == []


def test_nobody_floods_a_mailbox(app: Flask, sign_in: Callable[..., Person], mailbox: Mailbox) -> None:
    people = [sign_in(name) for name in ("bob", "carol")]
    statuses = []
    for number in range(MAX_CONFIRMATIONS + 2):
        statuses.append(enter(people[number % 2], NEW).status_code)
        deliver(app)
    assert statuses == [303] * MAX_CONFIRMATIONS + [429] * 2
    assert len(mailbox.messages) == MAX_CONFIRMATIONS


def test_other_fields_of_the_form_are_ignored(app: Flask, sign_in: Callable[..., Person]) -> None:
    bob, carol = sign_in("bob"), sign_in("carol")
    enter(bob, NEW, account_id=carol.claims.subject, email_key=NEW, confirmed="1", roles="admin")
    with app.app_context():
        for person in (bob, carol):
            account = current_db().get_one(Account, person.claims.subject)
            assert (account.email, account.email_key, account.roles) == (None, None, [])
        assert current_db().get_one(Account, carol.claims.subject).new_email is None


def test_the_terminal_sets_and_removes_an_address_without_a_link(app: Flask, add_account: Callable[..., str]) -> None:
    bob, run = add_account("bob"), app.test_cli_runner().invoke
    assert run(args=["user", "email", "bob", NEW]).exit_code == 0
    assert address(app, bob) == NEW
    assert run(args=["user", "email", "bob", "nonsense"]).exit_code == 1
    assert run(args=["user", "email", "bob"]).exit_code == 2
    assert run(args=["user", "email", "bob", "--none"]).exit_code == 0
    assert address(app, bob) is None
