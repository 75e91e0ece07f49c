"""`daypass user invite` and the commands about requests."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from daypass.accounts import requests
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.helpers.invitations import join, people, stored


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Run `daypass user ...`."""
    return lambda *words: app.test_cli_runner().invoke(args=["user", *words])


@pytest.fixture
def erin(app: Flask, add_account: Callable[..., str], password_hash: str) -> str:
    """The id of an account that waits for approval."""
    add_account("alice", ["admin"])
    with app.app_context(), write_transaction(current_db()):
        return requests.create(current_db(), "erin", password_hash).id


def test_the_link_that_it_prints_creates_an_account(
    app: Flask, client: FlaskClient, run: Callable[..., Result]
) -> None:
    result = run("invite", "Carol", "--role", "staff", "--role", "editor", "--days", "7")
    link = result.stdout.strip()
    assert (result.exit_code, link.partition("?code=")[0]) == (0, "http://127.0.0.1:8000/join")
    [invitation] = stored(app)
    assert invitation.expires_at - invitation.created_at == timedelta(days=7)
    assert join(client, link.partition("?code=")[2]).status_code == 303
    assert people(app) == {"carol": ["editor", "staff"]}


@pytest.mark.parametrize(("option", "hours"), [((), 72), (("--hours", "5"), 5), (("--days", "1"), 24)], ids=str)
def test_a_link_works_for_as_long_as_it_says(
    app: Flask, run: Callable[..., Result], option: tuple[str, ...], hours: int
) -> None:
    assert run("invite", *option).exit_code == 0
    [invitation] = stored(app)
    assert invitation.expires_at - invitation.created_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    "words",
    [
        ["--hours", "0"],
        ["--hours", "169"],
        ["--days", "8"],
        ["--hours", "1", "--days", "1"],
        ["--role", "with space"],
        ["al"],
        ["erin"],
        [word for number in range(33) for word in ("--role", f"role{number}")],
    ],
    ids=str,
)
def test_what_no_account_can_have_is_refused(
    app: Flask, run: Callable[..., Result], erin: str, words: list[str]
) -> None:
    result = run("invite", *words)
    assert result.exit_code in (1, 2)
    assert result.stderr
    assert stored(app) == []


def test_open_invitations_are_listed_and_revoked(app: Flask, client: FlaskClient, run: Callable[..., Result]) -> None:
    code = run("invite", "carol", "--role", "staff").stdout.strip().partition("?code=")[2]
    used = run("invite", "dave").stdout.strip().partition("?code=")[2]
    join(client, used)
    [line] = run("invitations").stdout.splitlines()
    invitation_id, *shown = line.split("\t")
    assert shown[:3] == ["carol", "staff", "terminal"]
    assert code not in line
    assert run("uninvite", invitation_id).exit_code == 0
    assert join(app.test_client(), code).status_code == 410
    again = run("uninvite", invitation_id)
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)


def test_requests_are_listed_and_approved(app: Flask, run: Callable[..., Result], erin: str) -> None:
    assert run("requests").stdout.startswith("erin\t")
    assert run("approve", "Erin").exit_code == 0
    assert run("requests").stdout == ""
    again = run("approve", "erin")
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)


def test_requests_are_rejected(app: Flask, run: Callable[..., Result], erin: str) -> None:
    for name in ("alice", "nobody"):
        assert run("reject", name).exit_code == 1
    assert run("reject", "erin").exit_code == 0
    assert people(app) == {"alice": ["admin"]}
