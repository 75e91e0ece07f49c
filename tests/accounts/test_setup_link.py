"""The set-up link: only the newest one is valid, and it works once."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Lock

import pytest
from flask import Flask
from sqlalchemy import delete, select, text
from werkzeug.test import TestResponse

from daypass import startup
from daypass.accounts import accounts, queries, setup
from daypass.accounts.errors import NameTaken
from daypass.database.models import Account
from daypass.database.schema import downgrade, migrate
from daypass.database.transactions import write_transaction
from daypass.errors import DaypassError
from daypass.settings.definitions import Settings
from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, PASSWORD, setup_code
from tests.helpers.setup_links import new_setup_code

pytestmark = pytest.mark.each_database

BLOCKED = 0.3  # seconds without a response
NODES = 10


def use_link(app: Flask, code: str | None, name: str = "alice") -> TestResponse:
    data = {"username": name, "password": PASSWORD, "code": code or ""}
    return app.test_client().post("/setup", headers=PAGE, data=data)


def status_of_link(app: Flask, code: str | None) -> int:
    return app.test_client().get("/setup", query_string={"code": code}, headers=PAGE).status_code


def names(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(current_db().scalars(select(Account.name)))


def remove_everybody(app: Flask) -> None:
    """Delete all accounts, which Daypass itself never does."""
    with app.app_context(), write_transaction(current_db()):
        current_db().execute(delete(Account))


def create_first(code: str, name: str) -> Account:
    return accounts.create_first(current_db(), code, datetime.now(UTC), name, "x")


def test_a_start_revokes_the_link_of_the_one_before(app: Flask) -> None:
    former, live = setup_code(app), setup_code(app)
    assert [status_of_link(app, former), status_of_link(app, live)] == [410, 200]
    response = use_link(app, former, "mallory")
    assert response.status_code == 410
    assert "Open the link that Daypass printed when it started." in response.text
    assert names(app) == []
    assert use_link(app, live).status_code == 303


def test_a_used_link_stays_invalid_when_no_account_is_left(app: Flask) -> None:
    code = setup_code(app)
    assert use_link(app, code).status_code == 303
    remove_everybody(app)
    assert status_of_link(app, code) == 410
    assert use_link(app, code, "mallory").status_code == 410
    assert setup_code(app) is None, "and a start prints no other"
    assert names(app) == []


def test_a_link_is_dead_once_an_account_was_made_another_way_though_it_is_deleted_again(app: Flask) -> None:
    code = setup_code(app)
    run = app.test_cli_runner().invoke
    run(args=["user", "add", "bob", "--password-stdin"], input=PASSWORD)
    assert run(args=["user", "delete", "--yes", "bob"]).exit_code == 0
    assert names(app) == []
    assert [status_of_link(app, code), use_link(app, code, "mallory").status_code] == [410, 410]
    assert setup_code(app) is None


def test_a_failed_attempt_does_not_use_the_link_up(app: Flask) -> None:
    code = setup_code(app)
    with app.app_context(), pytest.raises(ZeroDivisionError), write_transaction(current_db()):
        create_first(code or "", "alice")
        raise ZeroDivisionError
    assert use_link(app, code).status_code == 303


Act = Callable[[str], object]


@pytest.fixture
def acts(app: Flask) -> dict[str, Act]:
    """Acts that change the set-up, given the code of the valid link."""
    return {
        "set up as alice": lambda live: create_first(live, "alice").name,
        "set up as mallory": lambda live: create_first(live, "mallory").name,
        "sign up as alice": lambda live: accounts.sign_up(current_db(), "alice", "x").name,
        "sign up as bob": lambda live: accounts.sign_up(current_db(), "bob", "x").name,
        "start": lambda live: setup.replace_link(current_db(), "another code", datetime.now(UTC)),
    }


@pytest.mark.parametrize(
    ("first", "second", "outcome", "names_left"),
    [
        ("set up as alice", "set up as mallory", "SetupComplete", ["alice"]),
        ("set up as alice", "set up as alice", "SetupComplete", ["alice"]),
        ("set up as alice", "sign up as alice", "NameTaken", ["alice"]),
        ("set up as alice", "sign up as bob", "bob", ["alice", "bob"]),
        ("set up as alice", "start", False, ["alice"]),
        ("sign up as alice", "set up as alice", "SetupComplete", ["alice"]),
        ("sign up as bob", "set up as mallory", "SetupComplete", ["bob"]),
        ("sign up as bob", "start", False, ["bob"]),
        ("start", "set up as alice", "InvalidSetupLink", []),
        ("start", "sign up as bob", "bob", ["bob"]),
    ],
)
def test_of_two_acts_at_once_the_second_waits_and_sees_the_first(
    app: Flask, acts: dict[str, Act], first: str, second: str, outcome: object, names_left: list[str]
) -> None:
    live = new_setup_code(app)

    def attempt() -> object:
        with app.app_context():
            try:
                with write_transaction(current_db()):
                    return acts[second](live)
            except DaypassError as error:
                return type(error).__name__

    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(current_db()):
            acts[first](live)
            late: Future[object] = meanwhile.submit(attempt)
            with pytest.raises(TimeoutError):
                late.result(timeout=BLOCKED)
        assert late.result() == outcome
    assert names(app) == names_left


def test_a_sign_up_that_waits_for_set_up_holds_no_name_meanwhile(app: Flask) -> None:
    """Otherwise they would deadlock, and PostgreSQL would cancel one."""
    live = new_setup_code(app)

    def sign_up() -> None:
        with app.app_context(), write_transaction(current_db()):
            accounts.sign_up(current_db(), "alice", "x")

    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(current_db()):
            setup.check_link(current_db(), live, datetime.now(UTC), lock=True)
            late = meanwhile.submit(sign_up)
            with pytest.raises(TimeoutError):
                late.result(timeout=BLOCKED)
            create_first(live, "alice")
        assert isinstance(late.exception(), NameTaken)
    with app.app_context():
        assert queries.find(current_db(), "alice").roles == ["admin"]


def test_of_ten_that_use_the_link_at_once_one_becomes_the_administrator(app: Flask) -> None:
    code = setup_code(app)
    start = Barrier(NODES, timeout=30)

    def enter(number: int) -> int:
        start.wait()
        return use_link(app, code, f"person{number}").status_code

    with ThreadPoolExecutor(NODES) as threads:
        responses = list(threads.map(enter, range(NODES)))
    assert responses.count(303) == 1
    assert set(responses) <= {303, 410, 503}, "503: more passwords at once than can be hashed"
    assert len(names(app)) == 1


def test_of_ten_nodes_that_start_at_once_the_link_printed_last_is_the_live_one(
    app: Flask, make_app: Callable[[], Flask]
) -> None:
    nodes = [make_app() for _ in range(NODES)]
    for node in nodes:
        setup_code(node)  # what is read at the first use
    start, printing = Barrier(NODES, timeout=30), Lock()
    printed: list[str] = []

    def print_slowly(text: str) -> None:
        assert printing.acquire(blocking=False), "nobody else makes a link while one is printed"
        time.sleep(0.02)
        printed.append(text)
        printing.release()

    def run(node: Flask) -> None:
        start.wait()
        setup_code(node, print_slowly)

    with ThreadPoolExecutor(NODES) as threads:
        list(threads.map(run, nodes))
    codes = [text.partition("code=")[2] for text in printed]
    assert len(set(codes)) == NODES
    assert [status_of_link(app, code) for code in codes] == [410] * (NODES - 1) + [200]


def test_a_start_without_an_administrator_says_how_to_add_one(
    app: Flask, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed() -> str:
        startup.prepare(app.extensions["daypass"])
        return capsys.readouterr().out

    hint = "daypass user add NAME --admin"
    assert "/setup?code=" in (first := printed())
    assert hint not in first
    run = app.test_cli_runner().invoke
    run(args=["user", "add", "alice", "--admin", "--password-stdin"], input=PASSWORD)
    assert hint not in printed()
    remove_everybody(app)
    assert hint in (bare := printed())
    assert "/setup" not in bare


@pytest.mark.parametrize("people", [[], ["alice"], ["alice", "bob"]])
def test_an_installation_that_has_accounts_is_set_up_after_the_migration_and_no_other_is(
    app: Flask, people: list[str]
) -> None:
    with app.app_context():
        downgrade(current_runtime().engine, "0003")
        current_db().rollback()
        for number, name in enumerate(people):
            row = (
                "INSERT INTO accounts (id, name, password_hash, roles, created_at) VALUES (:id, :name, 'x', '[]', :at)"
            )
            values = {"id": str(number), "name": name, "at": f"2026-11-2{number} 12:00:00"}
            with write_transaction(current_db()):
                current_db().execute(text(row), values)
        migrate(current_runtime().engine)
        assert setup.is_done(current_db()) is bool(people)
    assert (setup_code(app) is None) is bool(people)
