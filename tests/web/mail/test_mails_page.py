"""The list of messages for administrators."""

from collections.abc import Callable

from flask import Flask

from daypass.database.models import Mail
from daypass.database.transactions import write_transaction
from daypass.mail import outbox
from daypass.mail.kinds import Kind
from daypass.web.context import current_db
from tests.conftest import Person
from tests.helpers.mail import deliver
from tests.web.mail.conftest import ADDRESS


def write(app: Flask, account_id: str, last_error: str | None = None) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        outbox.put(db, Kind.PASSWORD_CHANGED, account_id, ADDRESS)
        db.query(Mail).update({"last_error": last_error})


def test_a_server_that_is_down_is_told_in_words_and_with_the_text_of_the_error(
    app: Flask, alice: str, sign_in: Callable[..., Person]
) -> None:
    write(app, alice)
    deliver(app)
    page = sign_in("root", ["admin"]).client.get("/admin/mails").text
    assert "The server refuses connections: it is down" in page
    assert "<small>ConnectionRefusedError: [Errno 111] Connection refused</small>" in page


def test_the_text_of_an_error_is_escaped(app: Flask, alice: str, sign_in: Callable[..., Person]) -> None:
    write(app, alice, "SSLError: <script>")
    page = sign_in("root", ["admin"]).client.get("/admin/mails").text
    assert "<small>SSLError: &lt;script&gt;</small>" in page
