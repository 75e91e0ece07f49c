"""The set-up link: one is live, it works once, and never again, even when no account is left."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Lock

import pytest
from flask import Flask
from sqlalchemy import delete, select, text
from werkzeug.test import TestResponse

from daypass import startup
from daypass.accounts import accounts, queries, setup
from daypass.accounts.errors import NameTaken
from daypass.database.models import Account, Setup
from daypass.database.transactions import write_transaction
from daypass.errors import DaypassError
from daypass.runtime import bring_up_to_date, db, migrations
from daypass.settings.definitions import Settings
from daypass.web import setup_link
from tests.conftest import PAGE, PASSWORD

pytestmark = pytest.mark.each_database

BLOCKED = 0.3  # seconds without an answer
NODES = 10


def link(app: Flask) -> str | None:
    """The token of the link that a start prints."""
    with app.app_context():
        printed = setup_link.create_setup_link()
    return None if printed is None else printed.partition("token=")[2]


def use(app: Flask, token: str | None, name: str = "alice") -> TestResponse:
    data = {"username": name, "password": PASSWORD, "token": token or ""}
    return app.test_client().post("/setup", headers=PAGE, data=data)


def look(app: Flask, token: str | None) -> int:
    return app.test_client().get("/setup", query_string={"token": token}, headers=PAGE).status_code


def names(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(db.session.scalars(select(Account.name)))


def remove_everybody(app: Flask) -> None:
    """As nothing in Daypass does: it keeps the last administrator."""
    with app.app_context(), write_transaction(db.session):
        db.session.execute(delete(Account))


def live_id(app: Flask) -> str | None:
    with app.app_context():
        return db.session.scalars(select(Setup.link_id)).one()


def test_a_start_revokes_the_link_of_the_one_before(app: Flask) -> None:
    former, live = link(app), link(app)
    assert [look(app, former), look(app, live)] == [410, 200]
    answer = use(app, former, "mallory")
    assert answer.status_code == 410
    assert "Use the one that the last start printed" in answer.text
    assert names(app) == []
    assert use(app, live).status_code == 303


def test_a_link_that_was_used_stays_dead_when_no_account_is_left(app: Flask) -> None:
    token = link(app)
    assert use(app, token).status_code == 303
    remove_everybody(app)
    assert look(app, token) == 410
    assert use(app, token, "mallory").status_code == 410
    assert link(app) is None, "and a start prints no other"
    assert names(app) == []


def test_a_link_is_dead_once_an_account_was_made_another_way_though_it_is_deleted_again(app: Flask) -> None:
    token = link(app)
    run = app.test_cli_runner().invoke
    run(args=["user", "add", "bob", "--password-stdin"], input=PASSWORD)
    assert run(args=["user", "delete", "--yes", "bob"]).exit_code == 0
    assert names(app) == []
    assert [look(app, token), use(app, token, "mallory").status_code] == [410, 410]
    assert link(app) is None


def test_a_mistake_does_not_use_the_link_up(app: Flask) -> None:
    token = link(app)
    with app.app_context(), pytest.raises(ZeroDivisionError), write_transaction(db.session):
        accounts.create_first(db.session, live_id(app) or "", "alice", "x")
        raise ZeroDivisionError
    assert use(app, token).status_code == 303


Act = Callable[[str], object]


@pytest.fixture
def acts(app: Flask) -> dict[str, Act]:
    """What may happen to set-up, each in the caller's transaction with the id of the live link."""
    return {
        "set up as alice": lambda live: accounts.create_first(db.session, live, "alice", "x").name,
        "set up as mallory": lambda live: accounts.create_first(db.session, live, "mallory", "x").name,
        "sign up as alice": lambda live: accounts.sign_up(db.session, "alice", "x").name,
        "sign up as bob": lambda live: accounts.sign_up(db.session, "bob", "x").name,
        "start": lambda live: setup.replace_link(db.session, "another link"),
    }


@pytest.mark.parametrize(
    ("first", "second", "told", "left"),
    [
        ("set up as alice", "set up as mallory", "SetupDone", ["alice"]),
        ("set up as alice", "set up as alice", "SetupDone", ["alice"]),
        ("set up as alice", "sign up as alice", "NameTaken", ["alice"]),
        ("set up as alice", "sign up as bob", "bob", ["alice", "bob"]),
        ("set up as alice", "start", False, ["alice"]),
        ("sign up as alice", "set up as alice", "SetupDone", ["alice"]),
        ("sign up as bob", "set up as mallory", "SetupDone", ["bob"]),
        ("sign up as bob", "start", False, ["bob"]),
        ("start", "set up as alice", "InvalidToken", []),
        ("start", "sign up as bob", "bob", ["bob"]),
    ],
)
def test_of_two_at_once_the_second_waits_for_the_first_and_is_held_to_it(
    app: Flask, acts: dict[str, Act], first: str, second: str, told: object, left: list[str]
) -> None:
    link(app)
    live = live_id(app) or ""

    def attempt() -> object:
        with app.app_context():
            try:
                with write_transaction(db.session):
                    return acts[second](live)
            except DaypassError as error:
                return type(error).__name__

    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(db.session):
            acts[first](live)
            late: Future[object] = meanwhile.submit(attempt)
            with pytest.raises(TimeoutError):
                late.result(timeout=BLOCKED)
        assert late.result() == told
    assert names(app) == left


def test_a_sign_up_that_waits_for_set_up_holds_no_name_meanwhile(app: Flask) -> None:
    """Else the two would wait for each other over the same name, and PostgreSQL would end one (a deadlock)."""
    link(app)
    live = live_id(app) or ""

    def sign_up() -> None:
        with app.app_context(), write_transaction(db.session):
            accounts.sign_up(db.session, "alice", "x")

    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(db.session):
            setup.check_link(db.session, live, lock=True)
            late = meanwhile.submit(sign_up)
            with pytest.raises(TimeoutError):
                late.result(timeout=BLOCKED)
            accounts.create_first(db.session, live, "alice", "x")
        assert isinstance(late.exception(), NameTaken)
    with app.app_context():
        assert queries.find(db.session, "alice").roles == ["admin"]


def test_of_ten_that_use_the_link_at_once_one_becomes_the_administrator(app: Flask) -> None:
    token = link(app)
    start = Barrier(NODES, timeout=30)

    def enter(number: int) -> int:
        start.wait()
        return use(app, token, f"person{number}").status_code

    with ThreadPoolExecutor(NODES) as threads:
        answers = list(threads.map(enter, range(NODES)))
    assert answers.count(303) == 1
    assert set(answers) <= {303, 410, 503}, "503: more passwords at once than can be hashed"
    assert len(names(app)) == 1


def test_of_ten_nodes_that_start_at_once_the_link_printed_last_is_the_live_one(
    app: Flask, make_app: Callable[[], Flask]
) -> None:
    nodes = [make_app() for _ in range(NODES)]
    for node in nodes:
        link(node)  # what is read at the first use
    start, printing = Barrier(NODES, timeout=30), Lock()
    printed: list[str] = []

    def print_slowly(told: str) -> None:
        assert printing.acquire(blocking=False), "nobody else makes a link while one is printed"
        time.sleep(0.02)
        printed.append(told)
        printing.release()

    def run(node: Flask) -> None:
        start.wait()
        with node.app_context():
            setup_link.create_setup_link(print_slowly)

    with ThreadPoolExecutor(NODES) as threads:
        list(threads.map(run, nodes))
    tokens = [told.partition("token=")[2] for told in printed]
    assert len(set(tokens)) == NODES
    assert [look(app, token) for token in tokens] == [410] * (NODES - 1) + [200]


def test_a_start_without_an_administrator_says_how_to_add_one(
    app: Flask, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed() -> str:
        startup.prepare(app, settings)
        return capsys.readouterr().out

    hint = "flask user add NAME --admin"
    assert "/setup?token=" in (first := printed())
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
        migrations.downgrade("0003")
        db.session.rollback()
        for number, name in enumerate(people):
            row = (
                "INSERT INTO accounts (id, name, password_hash, roles, created_at) VALUES (:id, :name, 'x', '[]', :at)"
            )
            values = {"id": str(number), "name": name, "at": f"2026-11-2{number} 12:00:00"}
            with write_transaction(db.session):
                db.session.execute(text(row), values)
        bring_up_to_date()
        assert setup.is_done(db.session) is bool(people)
    assert (link(app) is None) is bool(people)
