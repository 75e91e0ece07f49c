"""The page of an invitation: one account for each, and none for an invitation that is not valid."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from daypass.accounts import accepting, accounts, invitations
from daypass.database.models import Account, Invitation
from daypass.database.transactions import write_transaction
from daypass.settings.sign_up import SignUp
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.invitations import age, join, new_code, open_link, people, stored

pytestmark = pytest.mark.each_database

NOT_VALID = "This invitation is not valid any more."

Add = Callable[..., str]


def change(app: Flask, account_id: str, act: Callable[[Account], object]) -> None:
    """Change an account in a transaction."""
    with app.app_context(), write_transaction(current_db()):
        act(current_db().get_one(Account, account_id))


def assert_not_valid(app: Flask, code: str) -> None:
    """Neither the page nor the form of this invitation creates an account, and neither says why."""
    before = people(app)
    for response in (open_link(app.test_client(), code), join(app.test_client(), code, "mallory")):
        assert response.status_code == 410
        assert NOT_VALID in response.text
        assert "Set-Cookie" not in response.headers
    assert people(app) == before


def test_an_invited_person_gets_an_account_with_the_roles_and_is_signed_in(
    app: Flask, client: FlaskClient, add_account: Add, events: Callable[[], list[dict[str, str]]]
) -> None:
    alice = add_account("alice", ["admin"])
    code = new_code(app, alice, name="carol", roles=("staff", "editor"))
    page = open_link(client, code).text
    assert "alice invites you" in page
    assert "carol" in page
    response = join(client, code, "ignored")
    assert (response.status_code, response.location.partition("?")[0]) == (303, "/")
    assert "Welcome, carol." in client.get(response.location, headers=PAGE).text
    assert people(app) == {"alice": ["admin"], "carol": ["editor", "staff"]}
    used = next(event for event in events() if event["event"] == "invitation_used")
    assert (used["outcome"], used["by"]) == ("success", alice)
    assert all(code not in str(event) for event in events()), "the log has no code"


def test_an_open_invitation_lets_the_person_choose_the_name(app: Flask, client: FlaskClient, add_account: Add) -> None:
    assert join(client, new_code(app, add_account("alice", ["admin"])), " Carol ").status_code == 303
    assert people(app) == {"alice": ["admin"], "carol": []}


def test_opening_the_link_changes_nothing(app: Flask, client: FlaskClient) -> None:
    code = new_code(app, name="carol")
    for _ in range(2):
        response = open_link(client, code)
        assert response.status_code == 200
        assert "You are invited" in response.text, "nobody is named for an invitation of the terminal"
        assert "Set-Cookie" not in response.headers
        assert (response.headers["Referrer-Policy"], response.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert people(app) == {}
    assert stored(app)[0].used_at is None


def test_the_database_does_not_contain_what_is_needed_to_use_an_invitation(app: Flask, client: FlaskClient) -> None:
    code = new_code(app)
    [invitation] = stored(app)
    values = {str(getattr(invitation, column.name)) for column in Invitation.__table__.columns}
    assert all(code not in value for value in values)
    for value in values:
        assert join(app.test_client(), value, "mallory").status_code == 410
    assert people(app) == {}


def test_an_invitation_works_once(app: Flask, client: FlaskClient) -> None:
    code = new_code(app)
    assert join(client, code, "carol").status_code == 303
    assert_not_valid(app, code)


def test_of_two_uses_at_once_one_creates_an_account(app: Flask) -> None:
    code, both = new_code(app, roles=("staff",)), Barrier(2, timeout=30)

    def use(name: str) -> int:
        both.wait()
        return join(app.test_client(), code, name).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(use, ["carol", "mallory"])) == [303, 410]
    assert len(people(app)) == 1


def test_a_use_during_another_one_waits_for_it_and_is_refused(app: Flask) -> None:
    """Of two uses that both found the invitation open, the second waits for the row, and sees the first."""
    code = new_code(app)
    with ThreadPoolExecutor(1) as meanwhile, app.app_context():
        with write_transaction(current_db()):
            accepting.accept(current_db(), code, "carol", "x", SignUp.CLOSED)
            late = meanwhile.submit(lambda: join(app.test_client(), code, "mallory").status_code)
            with pytest.raises(TimeoutError):
                late.result(timeout=0.3)
        assert late.result() == 410
    assert list(people(app)) == ["carol"]


def test_a_revoked_invitation_is_not_valid(app: Flask) -> None:
    code = new_code(app)
    with app.app_context(), write_transaction(current_db()):
        invitations.revoke(current_db(), stored(app)[0].id)
    assert_not_valid(app, code)


def test_an_invitation_expires(app: Flask, client: FlaskClient) -> None:
    code = new_code(app, hours=24)
    age(app, timedelta(hours=23, minutes=59))
    assert open_link(client, code).status_code == 200
    age(app, timedelta(minutes=1))
    assert_not_valid(app, code)


@pytest.mark.parametrize("code", ["", "x", "\x00", "a" * 5000, "%", "0" * 32], ids=ascii)
def test_a_code_that_was_not_issued_is_not_valid(app: Flask, code: str) -> None:
    new_code(app)
    assert_not_valid(app, code)


def test_for_a_chosen_name_that_is_taken_the_person_chooses_another(
    app: Flask, client: FlaskClient, add_account: Add
) -> None:
    code = new_code(app)
    add_account("carol")
    refused = join(client, code, "carol")
    assert refused.status_code == 409
    assert "This name is taken." in refused.text
    assert join(client, code, "caroline").status_code == 303


@pytest.mark.parametrize("is_deleted", [False, True], ids=["taken", "of a deleted account"])
def test_a_fixed_name_that_was_taken_meanwhile_is_told_in_words(
    app: Flask, client: FlaskClient, add_account: Add, is_deleted: bool
) -> None:
    code = new_code(app, add_account("alice", ["admin"]), name="carol")
    carol = add_account("carol")
    if is_deleted:
        change(app, carol, lambda account: accounts.delete(current_db(), account))
    for response in (open_link(client, code), join(client, code)):
        assert response.status_code == 409
        assert "The name carol was taken meanwhile. Ask alice for an invitation with another name." in response.text
    assert stored(app)[0].used_at is None


def test_a_fixed_name_that_is_taken_while_the_password_is_hashed_is_told_in_words(
    app: Flask, client: FlaskClient, add_account: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = new_code(app, name="carol")
    monkeypatch.setattr("daypass.accounts.names.is_taken", lambda db, name: False)
    add_account("carol")
    response = join(client, code)
    assert response.status_code == 409
    assert "Ask an administrator for an invitation with another name." in response.text
    assert stored(app)[0].used_at is None


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("", 422, "3 to 32 characters"),
        ("<img src=x>", 422, "3 to 32 characters"),
        ("adm1n", 422, "This name is reserved."),
    ],
)
def test_a_name_outside_the_rules_is_an_error_at_its_field(
    app: Flask, client: FlaskClient, name: str, status: int, words: str
) -> None:
    code = new_code(app)
    response = join(client, code, name)
    assert response.status_code == status
    assert words in response.text
    assert "<img" not in response.text
    assert (people(app), stored(app)[0].used_at) == ({}, None)


def test_a_weak_password_is_an_error_with_advice_and_the_invitation_stays_open(app: Flask, client: FlaskClient) -> None:
    code = new_code(app)
    response = join(client, code, "carol", "carol1234")
    assert response.status_code == 422
    assert "easy to guess" in response.text
    assert 'value="carol"' in response.text
    assert f'value="{code}"' in response.text
    assert join(client, code, "carol").status_code == 303


class TestInviter:
    """An invitation is valid only as long as its inviter could create it."""

    @pytest.fixture
    def alice(self, add_account: Add) -> str:
        add_account("bob", ["admin"])
        return add_account("alice", ["admin"])

    @pytest.mark.parametrize(
        "end",
        [
            lambda account: accounts.delete(current_db(), account),
            lambda account: accounts.disable(current_db(), account),
            lambda account: accounts.set_end(current_db(), account, datetime.now(UTC) - timedelta(seconds=1)),
            lambda account: accounts.set_roles(current_db(), account, ["staff"]),
        ],
        ids=["deleted", "disabled", "past its end date", "demoted"],
    )
    @pytest.mark.parametrize("roles", [(), ("staff",), ("admin",)], ids=str)
    def test_an_invitation_of_a_former_administrator_is_not_valid(
        self, app: Flask, alice: str, end: Callable[[Account], object], roles: tuple[str, ...]
    ) -> None:
        code = new_code(app, alice, roles=roles)
        change(app, alice, end)
        assert_not_valid(app, code)

    def test_it_is_valid_again_once_the_inviter_is(self, app: Flask, client: FlaskClient, alice: str) -> None:
        code = new_code(app, alice)
        change(app, alice, lambda account: accounts.disable(current_db(), account))
        assert open_link(client, code).status_code == 410
        change(app, alice, lambda account: accounts.enable(current_db(), account))
        assert open_link(client, code).status_code == 200


@pytest.mark.parametrize("roles", [["with space"], ["x" * 33], [f"role{number}" for number in range(33)]])
def test_malformed_roles_in_the_database_create_no_account(app: Flask, client: FlaskClient, roles: list[str]) -> None:
    code = new_code(app)
    with app.app_context(), write_transaction(current_db()):
        current_db().execute(update(Invitation).values(roles=roles))
    assert join(client, code, "carol").status_code == 410
    assert people(app) == {}


def test_a_role_that_nothing_names_any_more_is_given_all_the_same(app: Flask, client: FlaskClient) -> None:
    """It opens nothing."""
    assert join(client, new_code(app, roles=("abolished",)), "carol").status_code == 303
    assert people(app) == {"carol": ["abolished"]}


def test_a_signed_in_visitor_is_told_that_the_invitation_is_for_another_account(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    bob, code = sign_in("bob"), new_code(app)
    assert "You are signed in as <b>bob</b>." in open_link(bob.client, code).text
    assert join(bob.client, code, "carol").status_code == 303
    assert client.get("/members", headers=bob.bearer_header).status_code == 401, "the browser has one session"


class TestLimit:
    """As many attempts as at sign-up."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_LIMIT_SIGNUP": "2/1h"}

    def test_attempts_from_an_address_are_limited(self, app: Flask) -> None:
        def attempt(code: str, address: str = "192.0.2.1") -> TestResponse:
            form = {"code": code, "username": "carol", "password": PASSWORD}
            return app.test_client().post("/join", headers=PAGE, data=form, environ_base={"REMOTE_ADDR": address})

        assert [attempt("x").status_code for _ in range(3)] == [410, 410, 429]
        code = new_code(app)
        assert attempt(code).status_code == 429
        assert attempt(code, "192.0.2.2").status_code == 303
