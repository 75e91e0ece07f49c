"""At least one administrator can always sign in, even with parallel changes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from daypass.accounts import accounts, administrators, locking
from daypass.accounts.credentials import PasswordProof
from daypass.accounts.errors import AlreadyDisabled, LastAdmin, WrongCredentials
from daypass.accounts.status import UNSET_PASSWORD
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.rounds import rounds

pytestmark = pytest.mark.each_database

ROUNDS = rounds(full=10, quick=3)
BLOCKED = 0.3  # seconds without a response


def delete_own(db: Session, account: Account) -> None:
    accounts.delete_own(db, PasswordProof(account.id, account.password_hash))


WAYS: dict[str, Callable[[Session, Account], object]] = {
    "disable": accounts.disable,
    "lock": locking.lock,
    "delete": accounts.delete,
    "delete_own": delete_own,
    "no_roles": lambda db, account: accounts.set_roles(db, account, []),
    "remove_role": lambda db, account: accounts.change_roles(db, account, remove=["admin"]),
    "end_date": lambda db, account: accounts.set_end(db, account, datetime.now(UTC) + timedelta(days=30)),
    "other_roles": lambda db, account: accounts.set_roles(db, account, ["editor", "administrator"]),
}
OTHERS = (
    "nobody",
    "a member",
    "an administrator who is disabled",
    "an administrator with an end date",
    "an administrator without a password",
    "a similar role",
)
# all ways take the same lock, so it is enough that each way comes first once, and second once
PAIRS = [*((way, "disable") for way in WAYS), *(("disable", way) for way in WAYS if way != "disable")]
each_way = pytest.mark.parametrize("way", WAYS)


def attempt(app: Flask, way: str, account_id: str) -> bool:
    """Remove an administrator in a transaction; False if it is the last one."""
    with app.app_context():
        try:
            with write_transaction(current_db()):
                WAYS[way](current_db(), current_db().get_one(Account, account_id))
        except LastAdmin:
            return False
        return True


def admins_left(app: Flask) -> list[str]:
    """The names of the administrators who can sign in for good."""
    with app.app_context():
        rows = current_db().scalars(select(Account).where(Account.disabled_at.is_(None)).order_by(Account.name))
        admins = [account for account in rows if "admin" in account.roles]
        return [each.name for each in admins if each.ends_at is None and each.password_hash != UNSET_PASSWORD]


@each_way
@pytest.mark.parametrize("others", OTHERS)
def test_the_last_administrator_is_not_taken_away(
    app: Flask, sign_in: Callable[..., Person], way: str, others: str
) -> None:
    alice = sign_in("alice", ["admin", "editor"])
    if others != "nobody":
        roles = {"a member": [], "a similar role": ["admin.", "sub-admin", "administrator"]}
        bob = sign_in("bob", roles.get(others, ["admin"]))
        if others == "an administrator who is disabled":
            assert attempt(app, "disable", bob.claims.subject)
        if others == "an administrator with an end date":
            assert attempt(app, "end_date", bob.claims.subject)
        if others == "an administrator without a password":
            with app.app_context(), write_transaction(current_db()) as db:
                db.get_one(Account, bob.claims.subject).password_hash = UNSET_PASSWORD
    assert not attempt(app, way, alice.claims.subject)
    assert admins_left(app) == ["alice"]
    with app.app_context():
        assert current_db().get_one(Account, alice.claims.subject).roles == ["admin", "editor"]
        assert current_db().get_one(AuthSession, alice.claims.session_id).ended_at is None


@each_way
def test_another_administrator_can_be_taken_away(app: Flask, add_account: Callable[..., str], way: str) -> None:
    alice, bob = add_account("alice", ["admin"]), add_account("bob", ["admin", "editor"])
    assert attempt(app, way, alice)
    assert admins_left(app) == ["bob"]
    assert not attempt(app, way, bob)


@each_way
def test_somebody_who_is_no_administrator_or_disabled_already_can_be_taken_away(
    app: Flask, add_account: Callable[..., str], way: str
) -> None:
    add_account("alice", ["admin"])
    if way != "remove_role":  # bob does not have it
        assert attempt(app, way, add_account("bob", ["editor"]))
    carol = add_account("carol", ["admin"])
    assert attempt(app, "disable", carol)
    if way not in ("delete_own", "lock"):  # an account that is disabled proves nothing, and stays disabled
        assert attempt(app, way, carol)
    assert admins_left(app) == ["alice"]


def test_the_last_administrator_can_get_other_roles_beside_that_one(
    app: Flask, add_account: Callable[..., str]
) -> None:
    alice = add_account("alice", ["admin"])
    with app.app_context(), write_transaction(current_db()):
        accounts.set_roles(current_db(), current_db().get_one(Account, alice), ["editor", "admin"])
    assert admins_left(app) == ["alice"]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_of_two_removals_of_the_last_two_at_once_the_second_waits_and_is_refused(
    app: Flask, add_account: Callable[..., str], first: str, second: str
) -> None:
    alice, bob = add_account("alice", ["admin"]), add_account("bob", ["admin"])
    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(current_db()):
            WAYS[first](current_db(), current_db().get_one(Account, alice))
            late = meanwhile.submit(attempt, app, second, bob)
            with pytest.raises(TimeoutError):
                late.result(timeout=BLOCKED)
        assert late.result() is False
    assert admins_left(app) == ["bob"]


def test_an_account_that_becomes_an_administrator_meanwhile_counts_as_one(
    app: Flask, add_account: Callable[..., str]
) -> None:
    """bob becomes the only administrator while his deletion waits."""
    alice, bob = add_account("alice", ["admin"]), add_account("bob")
    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(current_db()):
            accounts.set_roles(current_db(), current_db().get_one(Account, bob), ["admin"])
            accounts.disable(current_db(), current_db().get_one(Account, alice))
            late = meanwhile.submit(attempt, app, "delete", bob)
            with pytest.raises(TimeoutError):
                late.result(timeout=BLOCKED)
        assert late.result() is False
    assert admins_left(app) == ["bob"]


@each_way
def test_whoever_waits_for_another_change_holds_no_account_meanwhile(
    app: Flask, add_account: Callable[..., str], way: str
) -> None:
    """Otherwise they would deadlock, and PostgreSQL would cancel one."""
    add_account("alice", ["admin"])
    bob = add_account("bob", ["admin"])
    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(current_db()):
            administrators.lock(current_db())
            late = meanwhile.submit(attempt, app, way, bob)
            with pytest.raises(TimeoutError):
                late.result(timeout=BLOCKED)
            accounts.disable(current_db(), current_db().get_one(Account, bob))
        if way == "delete_own":
            assert isinstance(late.exception(), WrongCredentials), "bob is disabled by now"
        elif way == "lock":
            assert isinstance(late.exception(), AlreadyDisabled), "so that it is no lock that bob could open"
        else:
            assert late.result() is True
    assert admins_left(app) == ["alice"]


def delete_account(person: Person) -> TestResponse:
    return person.client.post("/account/delete", headers=PAGE, data={"password": PASSWORD})


def disable_account(by: Person, whom: Person) -> TestResponse:
    return by.client.post(f"/admin/accounts/{whom.claims.subject}/disable", headers=PAGE)


def at_once(*acts: Callable[[], int]) -> list[int]:
    """The results of these acts, each run in its own thread."""
    start = Barrier(len(acts), timeout=30)

    def run(act: Callable[[], int]) -> int:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.mark.parametrize("round", range(ROUNDS))
def test_of_two_administrators_who_delete_their_accounts_at_once_one_stays(
    app: Flask, sign_in: Callable[..., Person], round: int
) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob", ["admin"])
    responses = at_once(*(lambda person=person: delete_account(person).status_code for person in (alice, bob)))
    assert sorted(responses) == [303, 409]
    assert len(admins_left(app)) == 1


@pytest.mark.parametrize("round", range(ROUNDS))
def test_of_two_administrators_who_disable_each_other_at_once_one_stays(
    app: Flask, sign_in: Callable[..., Person], round: int
) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob", ["admin"])
    responses = at_once(
        lambda: disable_account(alice, bob).status_code, lambda: disable_account(bob, alice).status_code
    )
    assert sorted(responses) in ([303, 401], [303, 409]), "401: the second was disabled before the gate was asked"
    assert len(admins_left(app)) == 1


@pytest.mark.parametrize("round", range(ROUNDS))
def test_disabling_an_administrator_who_deletes_their_account_does_not_deadlock(
    app: Flask, sign_in: Callable[..., Person], round: int
) -> None:
    """Both change the same row, and must not deadlock."""
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob", ["admin"])
    responses = at_once(lambda: disable_account(alice, bob).status_code, lambda: delete_account(bob).status_code)
    assert responses in ([303, 303], [303, 401], [404, 303])
    assert admins_left(app) == ["alice"]


@pytest.mark.parametrize("command", [["roles", "bob"], ["disable", "bob"], ["delete", "--yes", "bob"]], ids=str)
def test_of_the_terminal_and_a_page_at_once_one_is_refused(
    app: Flask, sign_in: Callable[..., Person], command: list[str]
) -> None:
    alice, _ = sign_in("alice", ["admin"]), sign_in("bob", ["admin"])
    terminal = app.test_cli_runner()
    codes = at_once(
        lambda: delete_account(alice).status_code, lambda: terminal.invoke(args=["user", *command]).exit_code
    )
    assert codes in ([303, 1], [409, 0])
    assert len(admins_left(app)) == 1


def test_the_page_says_how_to_make_another_administrator_first(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", ["admin"])
    sign_in("bob")
    response = delete_account(alice)
    assert response.status_code == 409
    assert "daypass user roles NAME --add admin" in response.text
    assert alice.client.get("/members").status_code == 200


@pytest.mark.parametrize(
    "command", [["roles", "alice"], ["roles", "alice", "editor"], ["disable", "alice"], ["delete", "--yes", "alice"]]
)
def test_the_terminal_refuses_in_one_sentence_that_says_what_to_do_first(
    app: Flask, add_account: Callable[..., str], command: list[str]
) -> None:
    add_account("alice", ["admin"])
    add_account("bob")
    run = app.test_cli_runner().invoke
    refused = run(args=["user", *command])
    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "daypass user roles NAME --add admin" in refused.stderr
    assert admins_left(app) == ["alice"]
    assert run(args=["user", "roles", "bob", "--add", "admin"]).exit_code == 0
    assert run(args=["user", *command]).exit_code == 0
    assert admins_left(app) == ["bob"]
