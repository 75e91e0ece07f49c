"""Delivery of mails to a real mail server: once, in spite of faults, and never lost."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from daypass import maintenance
from daypass.accounts.mail_delivery import build_sender
from daypass.database.models import Mail
from daypass.database.transactions import write_transaction
from daypass.mail import outbox
from daypass.mail.kinds import Kind
from daypass.runtime import Runtime
from daypass.web.context import current_db
from tests.conftest import PAGE, Person
from tests.helpers.mail import deliver, give_address, mail_settings, mails, make_due
from tests.helpers.mail_server import Mailbox, html_of, running_mail_server, text_of
from tests.helpers.server import free_port

ADDRESS = "alice@example.org"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def mail_server(mailbox: Mailbox, port: int) -> Iterator[None]:
    with running_mail_server(mailbox, port=port):
        yield


@pytest.fixture
def environ(environ: dict[str, str], port: int) -> dict[str, str]:
    return environ | mail_settings(port)


@pytest.fixture
def alice(app: Flask, add_account: Callable[..., str]) -> str:
    account_id = add_account("alice")
    give_address(app, account_id, ADDRESS)
    return account_id


def write(app: Flask, account_id: str, *, facts: dict[str, str] | None = None, recipient: str = ADDRESS) -> str:
    """Write a notice that a password was changed; returns its id."""
    with app.app_context(), write_transaction(current_db()):
        facts = facts or {"browser": "Firefox on Linux", "address": "192.0.2.7"}
        return outbox.put(current_db(), Kind.PASSWORD_CHANGED, account_id, recipient, link_id="f" * 32, facts=facts)


@pytest.mark.usefixtures("mail_server")
def test_a_mail_arrives_with_both_parts(app: Flask, alice: str, mailbox: Mailbox) -> None:
    mail_id = write(app, alice)
    assert deliver(app) == 1
    (message,) = mailbox.messages
    assert message["Subject"] == "Your password for 127.0.0.1:8000 was changed"
    assert (message["From"], message["To"]) == ("Daypass <login@example.org>", ADDRESS)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{mail_id}@example.org>"
    assert message["Date"].datetime is not None
    for part in (text_of(message), html_of(message)):
        assert "Hello alice" in part
        assert "Firefox on Linux" in part
        assert "http://127.0.0.1:8000/disown?token=" in part
    assert [(mail.state, mail.attempts, mail.last_error) for mail in mails(app)] == [("sent", 1, None)]


@pytest.mark.usefixtures("mail_server")
def test_text_from_outside_is_escaped_and_adds_no_link(app: Flask, alice: str, mailbox: Mailbox) -> None:
    facts = {"browser": "<img src=x>\r\n\r\n[Click here] https://evil.example/", "address": "x"}
    write(app, alice, facts=facts)
    deliver(app)
    html = html_of(mailbox.messages[0])
    assert "&lt;img src=x&gt;" in html
    assert "<img" not in html
    assert 'href="https://evil.example' not in html


@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("recipient", ["a@example.org\r\nBcc: eve@example.org", "a@example.org, eve@example.org"])
def test_no_address_adds_a_header_or_a_recipient(app: Flask, alice: str, mailbox: Mailbox, recipient: str) -> None:
    write(app, alice, recipient=recipient)
    deliver(app)
    assert mailbox.messages == []
    assert mails(app)[0].state == "waiting"


@pytest.mark.each_database
def test_a_mail_waits_for_a_server_that_is_down(app: Flask, alice: str, mailbox: Mailbox, port: int) -> None:
    write(app, alice)
    assert deliver(app) == 1
    (mail,) = mails(app)
    assert (mail.state, mail.attempts) == ("waiting", 1)
    assert "Connection refused" in (mail.last_error or "")
    assert deliver(app) == 0, "the next attempt follows after a pause"
    with running_mail_server(mailbox, port=port):
        make_due(app)
        assert deliver(app) == 1
    assert len(mailbox.messages) == 1
    assert mails(app)[0].state == "sent"


def test_pauses_grow_and_add_up_to_a_day_at_most(app: Flask, alice: str) -> None:
    assert list(outbox.PAUSES) == sorted(outbox.PAUSES)
    assert timedelta(hours=20) < sum(outbox.PAUSES, timedelta()) <= timedelta(days=1)
    write(app, alice)
    for _ in range(len(outbox.PAUSES)):
        make_due(app)
        deliver(app)
        assert mails(app)[0].state == "waiting"
    make_due(app)
    deliver(app)
    assert (mails(app)[0].state, mails(app)[0].attempts) == ("failed", len(outbox.PAUSES) + 1)


@pytest.mark.usefixtures("mail_server")
def test_a_refused_mail_has_failed_and_administrators_see_it(
    app: Flask, alice: str, mailbox: Mailbox, sign_in: Callable[..., Person], events: Callable[[], list[dict[str, str]]]
) -> None:
    mailbox.answer_recipient = lambda address: "550 5.1.1 no such mailbox"
    write(app, alice)
    deliver(app)
    (mail,) = mails(app)
    assert (mail.state, mail.attempts) == ("failed", 1)
    assert [(event["kind"], event["outcome"]) for event in events() if event["event"] == "mail_failed"] == [
        ("password_changed", "failure")
    ]
    page = sign_in("root", ["admin"]).client.get("/admin/mails", headers=PAGE).text
    assert "550 5.1.1 no such mailbox" in page
    assert ADDRESS in page
    assert "Failed" in page
    assert "token" not in page


@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("stage", ["answer_recipient", "answer_data"])
def test_a_mail_that_is_refused_for_now_is_tried_again(app: Flask, alice: str, mailbox: Mailbox, stage: str) -> None:
    accept = getattr(mailbox, stage)
    setattr(mailbox, stage, lambda content: "451 4.7.1 come back later")
    write(app, alice)
    deliver(app)
    assert mails(app)[0].state == "waiting"
    setattr(mailbox, stage, accept)
    make_due(app)
    deliver(app)
    assert mails(app)[0].state == "sent"


@pytest.mark.usefixtures("mail_server")
def test_a_refusal_that_quotes_the_mail_puts_no_token_into_the_table_or_the_log(
    app: Flask,
    alice: str,
    mailbox: Mailbox,
    caplog: pytest.LogCaptureFixture,
    events: Callable[[], list[dict[str, str]]],
) -> None:
    seen: list[str] = []

    def quote(content: bytes) -> str:
        lines = content.replace(b"=\r\n", b"").decode().split()
        seen.extend(word for word in lines if "token=" in word)
        return f"554 refused because of {seen[0]}"[:500]

    mailbox.answer_data = quote
    write(app, alice)
    deliver(app)
    signature = seen[0].rpartition(".")[2][:20]
    assert len(signature) == 20
    (mail,) = mails(app)
    assert (mail.last_error or "").startswith("the mail server answered 554 refused because of …")
    assert signature not in caplog.text
    assert signature not in str(events())


@pytest.mark.each_database
@pytest.mark.usefixtures("mail_server")
def test_of_many_processes_one_sends_each_mail(
    app: Flask, make_app: Callable[[], Flask], alice: str, mailbox: Mailbox
) -> None:
    apps = [app, make_app(), make_app(), make_app()]
    ids = {write(app, alice) for _ in range(20)}
    with ThreadPoolExecutor(len(apps)) as pool:
        assert sum(pool.map(deliver, apps)) == len(ids)
    assert sorted(message["Message-ID"][1:33] for message in mailbox.messages) == sorted(ids)


@pytest.mark.each_database
@pytest.mark.usefixtures("mail_server")
def test_a_mail_whose_process_died_while_sending_is_sent_after_its_lease(
    app: Flask, alice: str, mailbox: Mailbox
) -> None:
    write(app, alice)
    with app.app_context(), write_transaction(current_db()):
        assert outbox.claim(current_db()) is not None
    assert deliver(app) == 0
    make_due(app)
    assert deliver(app) == 1
    assert len(mailbox.messages) == 1


@pytest.mark.each_database
def test_a_process_that_lost_its_lease_changes_nothing(app: Flask, alice: str) -> None:
    mail_id = write(app, alice)
    with app.app_context():
        with write_transaction(current_db()):
            outbox.claim(current_db())
        make_due(app)
        with write_transaction(current_db()):
            outbox.claim(current_db())
        with write_transaction(current_db()):
            outbox.mark_failed(current_db(), mail_id, 1, "late", permanent=True)
    assert (mails(app)[0].state, mails(app)[0].attempts) == ("waiting", 2)


def test_an_act_that_is_rolled_back_sends_nothing(app: Flask, alice: str) -> None:
    with app.app_context(), pytest.raises(ZeroDivisionError), write_transaction(current_db()):
        outbox.put(current_db(), Kind.PASSWORD_CHANGED, alice, ADDRESS)
        raise ZeroDivisionError
    assert mails(app) == []


@pytest.mark.usefixtures("mail_server")
def test_a_commit_wakes_the_thread_of_its_process(
    app: Flask, alice: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daypass.mail.sender.POLL_SECONDS", 3600.0)
    runtime: Runtime = app.extensions["daypass"]
    looked = threading.Event()
    sender = build_sender(runtime.settings, runtime.session_factory, runtime.keys, runtime.audit)
    deliver_due = sender.deliver_due

    def observed() -> int:
        try:
            return deliver_due()
        finally:
            looked.set()

    monkeypatch.setattr(sender, "deliver_due", observed)
    sender.start()
    assert looked.wait(30)
    write(app, alice)
    mailbox.wait_for(1)


@pytest.mark.each_database
@pytest.mark.usefixtures("mail_server")
def test_finished_mails_are_deleted_after_a_week_and_waiting_ones_are_not(app: Flask, alice: str) -> None:
    old, lately = write(app, alice), write(app, alice)
    deliver(app)
    waiting = write(app, alice)
    with app.app_context():
        with write_transaction(current_db()):
            for mail_id, days in ((old, 8), (lately, 6)):
                finished = {"finished_at": current_db().get_one(Mail, mail_id).created_at - timedelta(days=days)}
                current_db().execute(update(Mail).where(Mail.id == mail_id).values(finished))
        maintenance.run(current_db())
    assert {mail.id for mail in mails(app)} == {lately, waiting}


@pytest.mark.each_database
def test_the_mails_of_an_account_go_with_it(app: Flask, alice: str) -> None:
    write(app, alice)
    run = app.test_cli_runner().invoke
    assert run(args=["user", "delete", "--yes", "alice"]).exit_code == 0
    assert mails(app) == []
