"""`daypass sessions`, and the effects of `daypass user` on sessions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD, Person, new_session

pytestmark = pytest.mark.each_database

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run `flask ...` with this input."""
    return lambda *words, typed="": app.test_cli_runner().invoke(args=words, input=typed)


def is_in(client: FlaskClient, person: Person) -> bool:
    return client.get("/members", headers=person.bearer_header).status_code == 200


def test_the_live_sessions_of_somebody_are_listed(app: Flask, run: Run, sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    dead, _ = new_session(app, alice.claims.subject, age=timedelta(days=2))
    listed = run("sessions", "list", "alice").stdout
    assert alice.claims.session_id in listed
    assert "192.0.2.1" in listed
    assert dead.session_id not in listed
    assert bob.claims.session_id not in listed


def test_one_session_is_ended_by_its_id(run: Run, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    assert run("sessions", "end", alice.claims.session_id).stdout == "Ended 1 session.\n"
    assert [is_in(client, person) for person in (alice, bob)] == [False, True]
    assert run("sessions", "end", alice.claims.session_id).stdout == "Ended 0 sessions.\n"


def test_all_sessions_of_one_or_of_everybody_are_ended(
    run: Run, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    people = [sign_in("alice"), sign_in("alice"), sign_in("bob")]
    assert run("sessions", "end", "--user", "alice").stdout == "Ended 2 sessions.\n"
    assert [is_in(client, person) for person in people] == [False, False, True]
    assert run("sessions", "end", "--all").stdout == "Ended 1 session.\n"
    assert not is_in(client, people[2])


@pytest.mark.parametrize("words", [[], ["x" * 32, "--all"], ["--user", "alice", "--all"]])
def test_exactly_one_way_to_choose_the_sessions_is_accepted(
    run: Run, client: FlaskClient, sign_in: Callable[..., Person], words: list[str]
) -> None:
    alice = sign_in("alice")
    assert run("sessions", "end", *words).exit_code == 2
    assert is_in(client, alice)


def test_nobody_of_that_name_is_one_sentence(run: Run) -> None:
    for words in (["sessions", "list", "nobody"], ["sessions", "end", "--user", "nobody"]):
        result = run(*words)
        assert (result.exit_code, result.stderr) == (1, "Error: There is no account with this name.\n")


def test_long_dead_sessions_are_pruned(app: Flask, run: Run, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    new_session(app, alice.claims.subject, age=timedelta(days=60))
    assert run("sessions", "prune").stdout == "Deleted 1 session.\n"
    assert run("sessions", "prune").stdout == "Deleted 0 sessions.\n"


def test_new_roles_end_the_sessions_and_hold_at_the_next(
    app: Flask, run: Run, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice, _ = sign_in("alice"), sign_in("bob", ["admin"])
    assert run("user", "roles", "alice", "editor", "admin").exit_code == 0
    assert not is_in(client, alice)
    _, token = new_session(app, alice.claims.subject)
    assert client.get("/admin", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    run("user", "roles", "alice")
    assert "alice\t-\t" in run("user", "list").stdout


@pytest.mark.parametrize("role", ["", "Admin", "a b", "x" * 33, "röle"])
def test_a_role_outside_the_rules_is_one_sentence(
    run: Run, client: FlaskClient, sign_in: Callable[..., Person], role: str
) -> None:
    alice = sign_in("alice")
    result = run("user", "roles", "alice", role)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert is_in(client, alice)


def test_a_deleted_account_is_out_and_so_it_is_when_its_name_is_given_again(
    run: Run, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    assert run("user", "delete", "alice", typed="n\n").exit_code == 1
    assert is_in(client, alice)
    assert run("user", "delete", "alice", "--yes").exit_code == 0
    assert not is_in(client, alice)
    assert run("user", "add", "alice", "--reuse", "--password-stdin", typed=PASSWORD).exit_code == 0
    assert not is_in(client, alice)
