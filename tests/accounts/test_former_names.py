"""The name of a deleted account is not reused: apps know people by their names."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from daypass.accounts import accounts
from daypass.accounts.errors import NameTaken
from daypass.database.models import Account, FormerName
from daypass.database.transactions import write_transaction
from daypass.errors import DaypassError
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person

pytestmark = pytest.mark.each_database

BLOCKED = 0.3  # seconds without a response


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "open"}


def sign_up(client: FlaskClient, name: str) -> tuple[int, str]:
    response = client.post("/signup", headers=PAGE, data={"username": name, "password": PASSWORD})
    return response.status_code, response.text


def delete(app: Flask, account_id: str) -> None:
    with app.app_context(), write_transaction(current_db()):
        accounts.delete(current_db(), current_db().get_one(Account, account_id))


def names(app: Flask, model: type[Account] | type[FormerName]) -> list[str]:
    with app.app_context():
        return sorted(current_db().scalars(select(model.name)))


def add(app: Flask, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["user", "add", *options, "--password-stdin"], input=PASSWORD)


@pytest.mark.parametrize("spelling", ["alice", "ALICE", " Alice "])
def test_nobody_signs_up_with_the_name_of_an_account_that_its_owner_deleted(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], spelling: str
) -> None:
    alice = sign_in("alice")
    assert alice.client.post("/account/delete", headers=PAGE, data={"password": PASSWORD}).status_code == 303
    status, page = sign_up(client, spelling)
    assert status == 409
    assert "This name is taken." in page, "and not that somebody had it"
    assert names(app, Account) == []


def test_nobody_signs_up_with_the_name_of_an_account_that_the_terminal_deleted(
    app: Flask, client: FlaskClient, add_account: Callable[..., str]
) -> None:
    add_account("alice")
    assert app.test_cli_runner().invoke(args=["user", "delete", "--yes", "alice"]).exit_code == 0
    assert sign_up(client, "alice")[0] == 409
    assert names(app, Account) == []
    assert sign_up(client, "alicia")[0] == 303


def test_a_deletion_that_fails_leaves_the_name_as_it_was(app: Flask, add_account: Callable[..., str]) -> None:
    alice = add_account("alice")
    with app.app_context(), pytest.raises(ZeroDivisionError), write_transaction(current_db()):
        accounts.delete(current_db(), current_db().get_one(Account, alice))
        raise ZeroDivisionError
    assert (names(app, Account), names(app, FormerName)) == (["alice"], [])


@pytest.mark.parametrize("create", [accounts.sign_up, accounts.create], ids=["sign_up", "create"])
def test_a_sign_up_during_the_deletion_waits_for_it_and_is_refused(
    app: Flask, add_account: Callable[..., str], create: Callable[..., Account]
) -> None:
    alice = add_account("alice")

    def take() -> type[DaypassError] | str:
        with app.app_context():
            try:
                with write_transaction(current_db()):
                    return create(current_db(), "alice", "x").id
            except NameTaken as error:
                return type(error)

    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(current_db()):
            accounts.delete(current_db(), current_db().get_one(Account, alice))
            late = meanwhile.submit(take)
            with pytest.raises(TimeoutError):
                late.result(timeout=BLOCKED)
        taken = late.result()
        assert isinstance(taken, type), "refused, and no account"
        assert issubclass(taken, NameTaken)
    assert (names(app, Account), names(app, FormerName)) == ([], ["alice"])


def test_the_terminal_gives_the_name_again_only_when_that_is_asked_for(
    app: Flask, client: FlaskClient, add_account: Callable[..., str]
) -> None:
    delete(app, add_account("alice"))
    refused = add(app, "Alice")
    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "Remote-User" in refused.stderr
    assert "--reuse" in refused.stderr
    assert names(app, FormerName) == ["alice"]
    assert (add(app, "alice", "--reuse").exit_code, add(app, "bob", "--reuse").exit_code) == (0, 0)
    assert (names(app, Account), names(app, FormerName)) == (["alice", "bob"], [])
    assert app.test_cli_runner().invoke(args=["user", "delete", "--yes", "alice"]).exit_code == 0
    assert names(app, FormerName) == ["alice"]
    assert sign_up(client, "alice")[0] == 409


def test_a_name_that_somebody_has_is_not_given_again_whatever_is_asked_for(
    app: Flask, add_account: Callable[..., str]
) -> None:
    add_account("alice")
    assert add(app, "alice", "--reuse").stderr == "Error: This name is taken.\n"
