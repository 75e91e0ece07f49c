"""Forgotten passwords, row by row of ASVS 6.4.3."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from daypass.accounts import recovery
from daypass.accounts.mail_links import PATHS
from daypass.database.models import Account, AuthSession, Mail, new_id
from daypass.database.transactions import write_transaction
from daypass.mail import outbox
from daypass.mail.kinds import Kind
from daypass.tokens import codec, purposes
from daypass.tokens.links import link_claims
from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.mail import deliver, mails
from tests.helpers.mail_server import Mailbox, link_in, text_of
from tests.helpers.tokens import bearer_header, tampered
from tests.web.mail.conftest import ADDRESS

NEW = "copper meadow 19 slow window"
INVALID = "This link is not valid any more"


def ask(client: FlaskClient, account: str, **headers: str) -> TestResponse:
    return client.post("/forgot", headers=PAGE | headers, data={"account": account})


def reset_link(app: Flask, mailbox: Mailbox, account: str = "alice") -> str:
    """Ask for a link; returns it, as path and query."""
    ask(app.test_client(), account)
    deliver(app)
    return link_in(mailbox.messages[-1])


def use(client: FlaskClient, link: str, password: str = NEW) -> TestResponse:
    return client.post("/reset", headers=PAGE, data={"token": link.partition("token=")[2], "password": password})


def signs_in(client: FlaskClient, password: str, name: str = "alice") -> bool:
    return client.post("/login", json={"username": name, "password": password}).status_code == 200


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_LIMIT_MAIL": "30/1h"}


@pytest.mark.each_database
@pytest.mark.parametrize("typed", ["alice", " ALICE ", "alice@EXAMPLE.org"])
def test_a_mailed_link_sets_a_new_password_and_ends_all_sessions(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox, typed: str
) -> None:
    token = client.post("/login", json={"username": "alice", "password": PASSWORD}).json["token"]  # type: ignore[index]
    deliver(app)
    link = reset_link(app, mailbox, typed)
    assert mailbox.messages[-1]["To"] == ADDRESS
    assert client.get(link, headers=PAGE).status_code == 200
    response = use(client, link)
    assert response.status_code == 200
    assert "Sign in with the new one" in response.text
    assert "Set-Cookie" not in response.headers, "the link signs nobody in"
    assert client.get("/members", headers=bearer_header(token)).status_code == 401
    assert not signs_in(client, PASSWORD)
    assert signs_in(client, NEW)
    deliver(app)
    assert "Your password for 127.0.0.1:8000 was reset" in mailbox.subjects()


def statements(app: Flask, client: FlaskClient, typed: str) -> tuple[list[str], TestResponse]:
    """The SQL statements of a request for a link, and its response."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    engine = app.extensions["daypass"].engine
    event.listen(engine, "before_cursor_execute", note)
    response = ask(client, typed)
    event.remove(engine, "before_cursor_execute", note)
    return seen, response


@pytest.mark.each_database
def test_the_response_and_the_work_are_the_same_for_every_input(
    app: Flask, client: FlaskClient, alice: str, add_account: Callable[..., str]
) -> None:
    add_account("bob")  # without an address
    inputs = ["alice", ADDRESS, "bob", "nobody", "nobody@example.org", "no name", "x" * 5000, "", "a\0b@c", "\ufffd"]
    ask(client, "somebody")  # the address has a limit in use from then on
    found = [statements(app, client, typed) for typed in inputs]
    assert len({tuple(executed) for executed, _ in found}) == 1
    assert len({(response.status_code, response.text) for _, response in found}) == 1
    assert found[0][1].status_code == 200
    assert not any("accounts" in statement for statement in found[0][0])


@pytest.mark.each_database
def test_only_an_account_with_a_confirmed_address_gets_a_mail(
    app: Flask, client: FlaskClient, alice: str, add_account: Callable[..., str], mailbox: Mailbox
) -> None:
    bob, pending = add_account("bob"), "bob@example.org"
    with app.app_context(), write_transaction(current_db()):
        current_db().get_one(Account, bob).new_email = pending
    for typed in ("bob", pending, "nobody", "nobody@example.org", "alice@example.org.evil.example", "%", "' OR 1=1 --"):
        ask(client, typed)
    deliver(app)
    assert mailbox.messages == []
    assert mails(app) == [], "what strangers typed is not kept"


def test_a_visit_of_the_link_changes_nothing(app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox) -> None:
    link = reset_link(app, mailbox)
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        response = client.open(link, method=method, headers=PAGE)
        assert response.status_code == 200
    assert signs_in(client, PASSWORD)
    assert use(client, link).status_code == 200


def test_the_answers_to_a_link_are_not_cached_and_send_no_referrer(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
) -> None:
    link = reset_link(app, mailbox)
    weak = use(client, link, "password")
    assert weak.status_code == 422
    for response in (client.get(link, headers=PAGE), weak, use(client, link), use(client, link)):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"


def test_a_weak_password_is_refused_and_does_not_use_the_link_up(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
) -> None:
    link = reset_link(app, mailbox)
    assert use(client, link, "password").status_code == 422
    assert use(client, link, "alice1234").status_code == 422
    assert use(client, link).status_code == 200


@pytest.mark.each_database
def test_a_link_works_once(app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox) -> None:
    link = reset_link(app, mailbox)
    assert use(client, link).status_code == 200
    assert use(client, link, PASSWORD).status_code == 410
    assert signs_in(client, NEW)


@pytest.mark.each_database
def test_of_two_uses_at_once_one_succeeds(app: Flask, alice: str, mailbox: Mailbox) -> None:
    link = reset_link(app, mailbox)
    passwords = [NEW, f"{NEW} again"]
    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda password: use(app.test_client(), link, password).status_code, passwords))
    assert sorted(statuses) in ([200, 410], [200, 503])
    assert signs_in(app.test_client(), passwords[statuses.index(200)])


@pytest.mark.parametrize("cause", ["newer link", "password", "address", "removed address", "disabled", "terminal"])
def test_a_link_is_revoked_by(app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox, cause: str) -> None:
    link, run = reset_link(app, mailbox), app.test_cli_runner().invoke
    assert client.get(link, headers=PAGE).status_code == 200
    match cause:
        case "newer link":
            newer = reset_link(app, mailbox)
            assert client.get(newer, headers=PAGE).status_code == 200
        case "password":
            run(args=["user", "password", "alice", "--password-stdin"], input=NEW)
        case "address":
            run(args=["user", "email", "alice", "other@example.org"])
        case "removed address":
            run(args=["user", "email", "alice", "--none"])
        case "disabled":
            run(args=["user", "disable", "alice"])
        case "terminal":
            run(args=["user", "reset", "alice"])
    assert client.get(link, headers=PAGE).status_code == 410
    assert use(client, link, "violet harbor 4 old clock").status_code == 410
    assert not signs_in(client, "violet harbor 4 old clock")


def forged(app: Flask, alice: str, **changes: object) -> str:
    """A token like that of alice's current link, signed with the site's key, with other claims."""
    with app.app_context():
        runtime = current_runtime()
        link_id = current_db().get_one(Account, alice).reset_id or new_id()
        values = {"purpose": purposes.RESET, "subject": alice, "age": timedelta(0), "link_id": link_id} | changes
        age = values.pop("age")
        assert isinstance(age, timedelta)
        now = datetime.now(UTC).replace(microsecond=0) - age
        claims = link_claims(runtime.settings.base_url, now=now, **values)  # type: ignore[arg-type]
        return codec.encode(claims, runtime.keys.current().signing)


def test_bad_expired_used_and_foreign_links_get_the_same_page(
    app: Flask, client: FlaskClient, alice: str, sign_in: Callable[..., Person], mailbox: Mailbox
) -> None:
    bob = sign_in("bob")
    token = reset_link(app, mailbox).partition("token=")[2]
    tokens = {
        "none": "",
        "garbage": "a.b.c",
        "tampered": tampered(token),
        "expired": forged(app, alice, age=timedelta(minutes=31)),
        "another purpose": forged(app, alice, purpose=purposes.DISOWN),
        "another id": forged(app, alice, link_id=new_id()),
        "another account": forged(app, alice, subject=bob.claims.subject),
        "no account": forged(app, alice, subject=new_id()),
        "a session": bob.token,
    }
    pages = set()
    for each in tokens.values():
        shown, sent = client.get("/reset", query_string={"token": each}, headers=PAGE), use(client, f"token={each}")
        assert (shown.status_code, sent.status_code) == (410, 410)
        pages |= {shown.text, sent.text}
    assert len(pages) == 1
    assert INVALID in pages.pop()
    assert use(client, f"token={forged(app, alice)}").status_code == 200, "the untouched one is valid"
    assert use(client, f"token={token}").status_code == 410


@pytest.mark.parametrize("purpose", sorted(PATHS))
def test_no_link_is_a_session(app: Flask, client: FlaskClient, alice: str, purpose: str) -> None:
    token = forged(app, alice, purpose=purpose)
    assert client.get("/members", headers=bearer_header(token)).status_code == 401
    client.set_cookie("daypass", token)
    assert client.get("/members").status_code == 401


def test_a_link_opens_only_the_page_of_its_purpose(app: Flask, client: FlaskClient, alice: str) -> None:
    """Even if links of all purposes had the same id."""
    link_id = new_id()
    with app.app_context(), write_transaction(current_db()):
        account = current_db().get_one(Account, alice)
        account.reset_id = account.confirm_id = link_id
        account.new_email = "new@example.org"
        outbox.put(current_db(), Kind.PASSWORD_CHANGED, alice, ADDRESS, link_id=link_id)
    for purpose in PATHS:
        token = forged(app, alice, purpose=purpose, link_id=link_id)
        for other, path in PATHS.items():
            status = client.get(path, query_string={"token": token}, headers=PAGE).status_code
            assert status == (200 if other == purpose else 410)


def test_no_token_is_in_the_tables_the_log_or_the_list_of_mails(
    app: Flask,
    client: FlaskClient,
    alice: str,
    mailbox: Mailbox,
    sign_in: Callable[..., Person],
    caplog: pytest.LogCaptureFixture,
    events: Callable[[], list[dict[str, str]]],
) -> None:
    link = reset_link(app, mailbox)
    use(client, link)
    deliver(app)
    signature = link.rpartition(".")[2]
    with app.app_context():
        for table in (Mail, Account, AuthSession):
            for row in current_db().execute(select(*table.__table__.columns)):
                assert signature not in str(row)
    assert signature not in caplog.text + str(events())
    assert signature not in sign_in("root", ["admin"]).client.get("/admin/mails").text


def test_a_link_begins_with_the_base_url_whatever_host_is_sent(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
) -> None:
    for headers in (
        {"Host": "localhost:8000"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
    ):
        ask(client, "alice", **headers)
        deliver(app)
        assert "http://127.0.0.1:8000/reset?token=" in text_of(mailbox.messages[-1])
        assert "evil" not in mailbox.messages[-1].as_string()
    assert ask(client, "alice", Host="evil.example").status_code == 400


@pytest.mark.each_database
def test_an_account_gets_few_mails_however_often_somebody_asks(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
) -> None:
    for _ in range(recovery.MAX_RESETS + 3):
        ask(client, "alice")
        ask(client, ADDRESS)
        deliver(app)
    assert len(mailbox.messages) == recovery.MAX_RESETS


def test_requests_that_wait_are_few(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_REQUESTS", 3)
    for number in range(10):
        ask(client, "alice")
        ask(client, f"person{number}")
    assert len(mails(app)) == 3


def test_a_repeated_request_replaces_the_one_before(app: Flask, client: FlaskClient) -> None:
    for _ in range(3):
        ask(client, "alice")
    assert len(mails(app)) == 1


def test_the_page_is_shown(client: FlaskClient) -> None:
    assert client.get("/forgot", headers=PAGE).status_code == 200


class TestWithoutMail:
    """No mail server is set up."""

    @pytest.fixture
    def environ(self, database_url: str) -> dict[str, str]:
        return {"DAYPASS_DATABASE_URL": database_url, "DAYPASS_SECRET_KEY": "9d1f6b0c4e7a83d25c7be4f0a16839cd"}

    def test_nothing_is_offered(self, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
        assert "/forgot" not in client.get("/login", headers=PAGE).text
        assert "/forgot" not in client.get("/members", headers=PAGE).text
        assert client.get("/forgot", headers=PAGE).status_code == 404
        assert ask(client, "alice").status_code == 404
        alice = sign_in("alice")
        assert "mail address" not in alice.client.get("/account", headers=PAGE).text
        data = {"email": ADDRESS}
        assert alice.client.post("/account/email", headers=PAGE, data=data).status_code == 404

    def test_an_administrator_starts_a_reset_and_never_chooses_the_password(
        self, app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
    ) -> None:
        root, bob = sign_in("root", ["admin"]), sign_in("bob")
        page = root.client.post(f"/admin/accounts/{bob.claims.subject}/reset", headers=PAGE, data={"password": NEW})
        assert page.status_code == 200
        assert signs_in(client, PASSWORD, "bob"), "nothing changes before the link is used"
        link = page.text.partition("http://127.0.0.1:8000")[2].partition("<")[0]
        assert use(client, link).status_code == 200
        assert signs_in(client, NEW, "bob")

    def test_the_terminal_prints_a_link(self, app: Flask, client: FlaskClient, add_account: Callable[..., str]) -> None:
        add_account("bob")
        printed = app.test_cli_runner().invoke(args=["user", "reset", "bob"]).output
        assert use(client, printed.strip()).status_code == 200
        assert signs_in(client, NEW, "bob")


def test_with_mail_an_administrator_does_not_see_the_link(
    app: Flask, alice: str, mailbox: Mailbox, sign_in: Callable[..., Person]
) -> None:
    page = sign_in("root", ["admin"]).client.post(f"/admin/accounts/{alice}/reset", headers=PAGE)
    assert "token=" not in page.text
    deliver(app)
    assert "/reset?token=" in text_of(mailbox.messages[-1])


def test_requests_for_a_link_are_limited_by_address(app: Flask, client: FlaskClient, alice: str) -> None:
    statuses = [ask(client, f"name{number}").status_code for number in range(31)]
    assert statuses == [200] * 30 + [429]
    other = client.post("/forgot", headers=PAGE, data={"account": "x"}, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [("/login", None, 200), ("/members", None, 401), ("/members", "a.b.c", 401)],
    ids=["the sign-in page", "a protected page", "an invalid token"],
)
def test_every_sign_in_form_leads_to_a_new_password(
    client: FlaskClient, path: str, token: str | None, status: int
) -> None:
    response = client.get(path, headers=PAGE | (bearer_header(token) if token else {}))
    assert response.status_code == status
    assert 'action="/login"' in response.text
    assert 'href="/forgot">Forgot your password?</a>' in response.text
