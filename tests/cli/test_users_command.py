"""`daypass user`: accounts from a terminal."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import event, select

from daypass.accounts import credentials, password_hasher
from daypass.accounts.errors import WrongCredentials
from daypass.accounts.password_limits import PasswordLimits, PasswordOrigin
from daypass.audit.trail import AuditTrail
from daypass.database.models import Account
from daypass.settings.definitions import Settings
from daypass.tokens.errors import InvalidToken
from daypass.web.context import current_db, current_runtime
from tests.conftest import PASSWORD, Person

NEW = "a plum kettle in orbit"


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Run `daypass user ...` with this input."""

    def run(*words: str, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(args=["user", *words], input=typed)

    return run


@pytest.fixture
def quick_hash(monkeypatch: pytest.MonkeyPatch, password_hash: str) -> None:
    """Skip the hashing, for tests that are not about it."""
    monkeypatch.setattr(password_hasher, "generate_password_hash", lambda password, method: password_hash)


def stored(app: Flask) -> dict[str, list[str]]:
    with app.app_context():
        return {name: roles for name, roles in current_db().execute(select(Account.name, Account.roles))}


def knows(app: Flask, name: str, password: str) -> bool:
    with app.app_context():
        runtime = current_runtime()
        limits = PasswordLimits(runtime.settings, PasswordOrigin("192.0.2.1"))
        try:
            credentials.check_password(current_db(), runtime.hasher, limits, name, password)
        except WrongCredentials:
            return False
        return True


def is_refused(app: Flask, person: Person) -> bool:
    with app.app_context():
        try:
            current_runtime().replica.refresh()
            current_runtime().revocations.check(person.claims.session_id)
        except InvalidToken:
            return True
        return False


def sentence(result: Result) -> str:
    """The one line that a failed command prints, without its prefix."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Error: ")
    return lines[0].removeprefix("Error: ")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", ""], ids=ascii)
def test_an_account_is_added_with_the_password_of_the_standard_input_exactly(
    app: Flask, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, password_hash: str, line_end: str
) -> None:
    hashed: list[str] = []

    def note(password: str, method: str) -> str:
        hashed.append(password)
        return password_hash

    monkeypatch.setattr(password_hasher, "generate_password_hash", note)
    result = run("add", " Alice ", "--password-stdin", typed=f"  {PASSWORD} {line_end}")
    assert (result.exit_code, result.output) == (0, "Added alice.\n")
    assert stored(app) == {"alice": []}
    assert hashed == [f"  {PASSWORD} "]


def test_who_was_added_can_sign_in(app: Flask, run: Callable[..., Result]) -> None:
    assert run("add", "alice", "--admin", "--password-stdin", typed=f"{NEW}\n").exit_code == 0
    assert stored(app) == {"alice": ["admin"]}
    assert knows(app, "alice", NEW)
    assert not knows(app, "alice", PASSWORD)


@pytest.mark.usefixtures("quick_hash")
def test_a_password_is_asked_for_twice_and_not_shown(app: Flask, run: Callable[..., Result]) -> None:
    result = run("add", "alice", typed=f"{NEW}\nsomething else\n{NEW}\n{NEW}\n")
    assert result.exit_code == 0
    assert result.output.count("Password:") == 2
    assert result.output.count("Repeat for confirmation:") == 2
    assert NEW not in result.output
    assert "something else" not in result.output
    assert stored(app) == {"alice": []}


def test_end_of_input_at_the_prompt_adds_no_account(app: Flask, run: Callable[..., Result]) -> None:
    assert run("add", "alice", typed="").exit_code == 1
    assert stored(app) == {}


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("al", NEW, "A name has 3 to 32 characters: a to z, 0 to 9, dot, underscore, hyphen."),
        ("al ice", NEW, "A name has 3 to 32 characters: a to z, 0 to 9, dot, underscore, hyphen."),
        ("alice", "short", "A password has 8 to 128 characters."),
        ("alice", "", "A password has 8 to 128 characters."),
        ("alice", "x" * 129, "A password has 8 to 128 characters."),
        ("alice", "alice1234", "This password is easy to guess."),
        ("Alice", "password1", "This password is easy to guess."),
    ],
)
def test_an_account_with_an_invalid_name_or_password_is_not_added(
    app: Flask, run: Callable[..., Result], name: str, typed: str, message: str
) -> None:
    error = sentence(run("add", name, "--password-stdin", typed=f"{typed}\n"))
    assert error.startswith(message)
    assert not typed or typed not in error
    assert stored(app) == {}


@pytest.mark.usefixtures("quick_hash")
def test_a_name_that_is_taken_is_refused(
    app: Flask, run: Callable[..., Result], add_account: Callable[..., str]
) -> None:
    add_account("alice")
    message = sentence(run("add", "ALICE", "--admin", "--password-stdin", typed=f"{NEW}\n"))
    assert message == "This name is taken."
    assert stored(app) == {"alice": []}


def test_the_list_has_one_line_for_each_account(run: Callable[..., Result], add_account: Callable[..., str]) -> None:
    assert run("list").output == ""
    add_account("bob")
    add_account("alice", ["editor", "admin"])
    run("disable", "bob")
    assert run("list").output.splitlines() == ["alice\tadmin,editor\tenabled", "bob\t-\tdisabled"]


def test_a_disabled_account_is_out_at_once_and_may_come_back(
    app: Flask, run: Callable[..., Result], sign_in: Callable[..., Person]
) -> None:
    alice, again, bob = sign_in("alice"), sign_in("alice"), sign_in("bob")
    result = run("disable", "Alice")
    assert (result.exit_code, result.output) == (0, "Disabled Alice. Its sessions have ended.\n")
    assert [is_refused(app, person) for person in (alice, again, bob)] == [True, True, False]
    assert not knows(app, "alice", PASSWORD)
    result = run("enable", "alice")
    assert (result.exit_code, result.output) == (0, "Enabled alice.\n")
    assert knows(app, "alice", PASSWORD)
    assert is_refused(app, alice)


def test_a_new_password_counts_and_ends_the_sessions(
    app: Flask, run: Callable[..., Result], sign_in: Callable[..., Person]
) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    assert "weak" not in sentence(run("password", "alice", "--password-stdin", typed="alice1234\n"))
    assert not is_refused(app, alice)
    result = run("password", "alice", typed=f"{NEW}\n{NEW}\n")
    assert result.exit_code == 0
    assert NEW not in result.output
    assert [is_refused(app, person) for person in (alice, bob)] == [True, False]
    assert [knows(app, "alice", password) for password in (NEW, PASSWORD)] == [True, False]


@pytest.mark.parametrize("command", ["disable", "enable", "password"])
def test_a_name_that_nobody_has_is_told(run: Callable[..., Result], command: str) -> None:
    assert sentence(run(command, "nobody")) == "There is no account with this name."


def test_the_tables_are_made_where_there_are_none(make_app: Callable[[], Flask]) -> None:
    result = make_app().test_cli_runner().invoke(args=["user", "list"])
    assert (result.exit_code, result.output) == (0, "")


def test_a_database_from_a_newer_version_is_told(app: Flask, run: Callable[..., Result], settings: Settings) -> None:
    with closing(sqlite3.connect(settings.database_url.database or "", isolation_level=None)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    message = sentence(run("list"))
    assert "newer version" in message
    assert str(settings.database_url.database) in message


def test_a_command_returns_its_connection(app: Flask, run: Callable[..., Result]) -> None:
    pool = app.extensions["daypass"].engine.pool
    taken: list[object] = []
    event.listen(pool, "checkout", lambda *connection: taken.append(connection))
    run("list")
    assert taken
    assert pool.checkedout() == 0


def test_every_change_is_an_event_without_the_password(
    run: Callable[..., Result], quick_hash: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[tuple[str, str, dict[str, str]]] = []
    monkeypatch.setattr(
        AuditTrail, "record", lambda trail, event, outcome, **facts: recorded.append((event, outcome, facts))
    )
    run("add", "alice", "--password-stdin", typed=f"{NEW}\n")
    run("password", "alice", "--password-stdin", typed=f"{NEW}\n")
    run("disable", "alice")
    run("enable", "alice")
    assert [event for event, _, _ in recorded] == [
        "account_created",
        "password_set",
        "account_disabled",
        "account_enabled",
    ]
    assert {(outcome, facts["by"]) for _, outcome, facts in recorded} == {("success", "terminal")}
    assert NEW not in str(recorded)


def test_roles_are_added_and_removed_and_others_kept(
    app: Flask, run: Callable[..., Result], add_account: Callable[..., str]
) -> None:
    add_account("alice", ["admin"]), add_account("bob", ["editor", "staff"])
    result = run("roles", "bob", "--add", "writer", "--add", "reader", "--remove", "editor")
    assert result.stdout == "bob now has reader, staff, writer. Its sessions have ended.\n"
    assert stored(app)["bob"] == ["reader", "staff", "writer"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bob", "editor", "--add", "staff"], "Use either ROLES or --add and --remove."),
        (["bob", "--remove", "writer"], "bob does not have the role writer."),
        (["bob", "--add", "Bad Role"], "A role has 1 to 32 characters"),
    ],
)
def test_roles_that_cannot_be_changed_are_refused_in_words(
    app: Flask, run: Callable[..., Result], add_account: Callable[..., str], words: list[str], message: str
) -> None:
    add_account("bob", ["editor"])
    result = run("roles", *words)
    assert result.exit_code != 0
    assert message in result.stderr
    assert stored(app)["bob"] == ["editor"]


def test_an_end_date_is_set_listed_and_removed(run: Callable[..., Result], add_account: Callable[..., str]) -> None:
    add_account("alice", ["admin"]), add_account("bob")
    assert run("until", "bob", "2099-12-31").stdout == "bob can sign in until 2099-12-31.\n"
    assert "bob\t-\tenabled until 2099-12-31\n" in run("list").stdout
    assert run("until", "bob", "2020-12-31").exit_code == 0
    assert "bob\t-\tended after 2020-12-31\n" in run("list").stdout
    assert "past its end date" in run("reset", "bob").stderr
    assert run("until", "bob", "--never").stdout == "bob has no end date any more.\n"
    assert "bob\t-\tenabled\n" in run("list").stdout


@pytest.mark.parametrize(
    "words", [["bob"], ["bob", "soon"], ["bob", "2026-02-30"], ["bob", "9999-12-31"], ["bob", "2026-01-01", "--never"]]
)
def test_an_end_date_that_is_none_is_refused(
    run: Callable[..., Result], add_account: Callable[..., str], words: list[str]
) -> None:
    add_account("bob")
    assert run("until", *words).exit_code != 0
    assert "bob\t-\tenabled\n" in run("list").stdout


def test_the_last_administrator_gets_no_end_date(run: Callable[..., Result], add_account: Callable[..., str]) -> None:
    add_account("alice", ["admin"])
    refused = run("until", "alice", "2099-12-31")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "daypass user roles NAME --add admin" in refused.stderr
