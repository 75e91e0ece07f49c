"""The page of one account for administrators, and what they do on it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.security import check_password_hash
from werkzeug.test import TestResponse

from daypass.accounts import password_hasher
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.sessions import lifecycle
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person, new_session
from tests.helpers.api_tokens import new_api_token
from tests.helpers.tokens import bearer_header

pytestmark = pytest.mark.each_database

Events = Callable[[], list[dict[str, str]]]
EACH_ACT = (
    "sign-out", "disable", "enable", "reset", "delete", "roles/add", "roles/remove", "end-date", "end-date/remove",
    "sessions/0/end", "email", "email/remove",
)  # fmt: skip
FORM = {"role": "editor", "new_role": "editor", "email": "new@example.org", "day": "2099-12-31"}


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nhost = "docs.example.org"\nallow = { roles = ["reader"] }\n')
    return environ | {"DAYPASS_RULES": str(rules)}


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice", ["admin"])


@pytest.fixture
def bob(sign_in: Callable[..., Person]) -> Person:
    return sign_in("bob", ["editor"])


def today() -> date:
    """The present day in UTC. The day after may begin before the server looks, so no test sets this very day."""
    return datetime.now(UTC).date()


def offered(page: str) -> list[str]:
    """The roles that can be selected."""
    return re.findall(r'name="roles" value="([^"]*)"', page)


def get(person: Person, about: Person, act: str = "") -> TestResponse:
    return person.client.get(f"/admin/accounts/{about.claims.subject}/{act}".rstrip("/"), headers=PAGE)


def post(person: Person, about: Person, act: str, **form: str | list[str]) -> TestResponse:
    return person.client.post(f"/admin/accounts/{about.claims.subject}/{act}", headers=PAGE, data=form)


def followed(person: Person, response: TestResponse) -> str:
    assert response.status_code == 303, response.text
    return person.client.get(response.headers["Location"], headers=PAGE).text


def roles(app: Flask, person: Person) -> list[str]:
    with app.app_context():
        return current_db().get_one(Account, person.claims.subject).roles


def test_it_shows_the_account_its_roles_and_sessions(app: Flask, alice: Person, bob: Person) -> None:
    page = get(alice, bob).text
    assert "<h1>bob</h1>" in page
    assert "<code>editor</code>" in page
    assert "192.0.2.1" in page
    assert "/admin/events?account=bob" in page
    assert f"/sessions/{bob.claims.session_id}/end" in page
    assert page.count("this browser") == 0


def test_the_administrators_own_page_has_no_buttons_that_would_be_refused(alice: Person) -> None:
    page = get(alice, alice).text
    assert page.count("this browser") == 1
    assert not [act for act in ("/disable", "/delete", "/end-date") if act in page]
    assert f"/sessions/{alice.claims.session_id}/end" not in page


def test_one_session_is_revoked_and_the_others_go_on(app: Flask, alice: Person, bob: Person, events: Events) -> None:
    _, other = new_session(app, bob.claims.subject)
    page = followed(alice, post(alice, bob, f"sessions/{bob.claims.session_id}/end"))
    assert "The session “An unknown browser” of bob was revoked. Its next request is refused." in page
    client = app.test_client()
    assert [client.get("/members", headers=bearer_header(token)).status_code for token in (bob.token, other)] == [
        401,
        200,
    ]
    logged = [(line["account"], line["by"]) for line in events() if line["event"] == "session_ended"]
    assert logged == [(bob.claims.subject, alice.claims.subject)]


def test_a_session_of_another_account_is_not_ended(alice: Person, bob: Person) -> None:
    for ask in (get, post):
        assert ask(alice, bob, f"sessions/{alice.claims.session_id}/end").status_code == 404
    assert alice.client.get("/members").status_code == 200


def test_roles_are_added_and_removed_one_by_one(app: Flask, alice: Person, bob: Person, events: Events) -> None:
    page = followed(alice, post(alice, bob, "roles/add", new_role=" staff "))
    assert "bob now has the role staff. All sessions of bob have ended." in page
    assert roles(app, bob) == ["editor", "staff"]
    assert bob.client.get("/members").status_code == 401
    assert "bob no longer has the role editor." in followed(alice, post(alice, bob, "roles/remove", role="editor"))
    assert roles(app, bob) == ["staff"]
    assert [line["event"] for line in events()].count("roles_set") == 2


def test_several_roles_are_selected_among_those_of_the_rules_and_other_accounts(
    app: Flask, alice: Person, bob: Person, sign_in: Callable[..., Person]
) -> None:
    sign_in("carol", ["staff"])
    assert offered(get(alice, bob).text) == ["admin", "reader", "staff"], "and not editor, which bob has"
    page = followed(alice, post(alice, bob, "roles/add", roles=["reader", "staff"]))
    assert "bob now has the roles reader, staff. All sessions of bob have ended.</p>" in page
    assert roles(app, bob) == ["editor", "reader", "staff"]


def test_a_role_that_nobody_has_is_pointed_out_for_it_may_be_a_mistake(
    alice: Person, bob: Person, sign_in: Callable[..., Person]
) -> None:
    sign_in("carol", ["staff"])
    for known in ("staff", "reader"):
        assert "No rule and no other account" not in followed(alice, post(alice, bob, "roles/add", new_role=known))
    page = followed(alice, post(alice, bob, "roles/add", new_role="staf"))
    assert "All sessions of bob have ended. No rule and no other account has the role staf." in page


@pytest.mark.parametrize(
    ("act", "form", "words"),
    [
        ("add", {"new_role": "Editor"}, "A role has 1 to 32 characters"),
        ("add", {"new_role": "x" * 33}, "A role has 1 to 32 characters"),
        ("add", {"new_role": "<script>"}, "A role has 1 to 32 characters"),
        ("add", {}, "Select a role, or enter a new one."),
        ("add", {"new_role": " "}, "Select a role, or enter a new one."),
        ("add", {"roles": ["abolished"]}, "One of the roles does not exist any more."),
        ("add", {"roles": ["<script>"]}, "One of the roles does not exist any more."),
        ("add", {"new_role": "editor"}, "bob has editor already."),
        ("remove", {"role": "staff"}, "bob does not have the role staff."),
    ],
)
def test_a_role_that_cannot_be_added_or_removed_is_refused_in_words(
    app: Flask, alice: Person, bob: Person, events: Events, act: str, form: dict[str, str], words: str
) -> None:
    response = post(alice, bob, f"roles/{act}", **form)
    assert response.status_code == 422
    assert words in response.text
    assert "<script>" not in response.text.partition("<main")[2]
    assert roles(app, bob) == ["editor"]
    assert bob.client.get("/members").status_code == 200
    assert "roles_set" not in [line["event"] for line in events()]


def test_administrators_who_change_their_own_roles_sign_in_again(app: Flask, alice: Person) -> None:
    response = post(alice, alice, "roles/add", new_role="editor")
    assert (response.status_code, response.location) == (303, f"/login?next=/admin/accounts/{alice.claims.subject}")
    assert roles(app, alice) == ["admin", "editor"]
    assert "because your roles were changed" in alice.client.get(response.location, headers=PAGE).text


def test_an_end_date_is_set_and_removed(app: Flask, alice: Person, bob: Person) -> None:
    day = today() + timedelta(days=9)
    page = followed(alice, post(alice, bob, "end-date", day=str(day)))
    assert f"bob can sign in until the end of {day} (UTC).</p>" in page, "and no session ended"
    assert bob.client.get("/members").status_code == 200, "the session ends earlier"
    assert "bob has no end date any more." in followed(alice, post(alice, bob, "end-date/remove"))


def test_an_end_date_that_ends_sessions_now_is_set_only_after_a_question(
    app: Flask, alice: Person, bob: Person, events: Events
) -> None:
    _, kept = new_session(app, bob.claims.subject, keep=True)
    day = str(today() + timedelta(days=3))
    question = post(alice, bob, "end-date", day=day)
    assert f"<h1>Let bob sign in until {day} only?</h1>" in question.text
    assert "1 session or API token ends now." in question.text
    assert f'name="day" value="{day}"' in question.text
    assert "end_date_set" not in [line["event"] for line in events()]
    assert app.test_client().get("/members", headers=bearer_header(kept)).status_code == 200
    page = followed(alice, post(alice, bob, "end-date", day=day, confirmed="yes"))
    assert "Sessions and API tokens that would have lasted longer have ended: 1." in page
    assert app.test_client().get("/members", headers=bearer_header(kept)).status_code == 401
    assert bob.client.get("/members").status_code == 200


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}], ids=["", "confirmed"])
@pytest.mark.parametrize("days", [1, 2400])
def test_a_day_that_is_over_is_no_end_date(alice: Person, bob: Person, days: int, confirmed: dict[str, str]) -> None:
    response = post(alice, bob, "end-date", day=str(today() - timedelta(days=days)), **confirmed)
    assert response.status_code == 422
    assert "This day is over." in response.text
    assert "disable the account" in response.text
    assert bob.client.get("/members").status_code == 200


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30", "9999-12-31", "2026-12-31T00:00", "-1"])
def test_text_that_is_no_day_is_an_error_at_the_field(alice: Person, bob: Person, day: str) -> None:
    response = post(alice, bob, "end-date", day=day)
    assert response.status_code == 422
    assert "Enter a date such as 2026-12-31." in response.text


@pytest.mark.parametrize("act", ["disable", "delete", "end-date"])
def test_administrators_do_not_lock_themselves_out(alice: Person, sign_in: Callable[..., Person], act: str) -> None:
    sign_in("carol", ["admin"])
    response = post(alice, alice, act, **FORM)
    assert response.status_code == 409
    assert "Another administrator can." in response.text
    assert alice.client.get("/members").status_code == 200


@pytest.mark.parametrize("act", ["sign-out", "disable", "delete", "roles/remove?role=editor"])
def test_a_page_says_what_the_act_will_do_and_changes_nothing(alice: Person, bob: Person, act: str) -> None:
    page = get(alice, bob, act)
    assert page.status_code == 200
    assert "bob" in page.text
    assert "1 session or API token ends now." in page.text
    assert bob.client.get("/members").status_code == 200


def test_a_page_names_the_session_before_it_is_revoked(app: Flask, alice: Person, bob: Person) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        lifecycle.rename(db, bob.claims.subject, bob.claims.session_id, "<b>phone")
    page = get(alice, bob, f"sessions/{bob.claims.session_id}/end").text
    assert "<h1>Revoke the session “&lt;b&gt;phone” of bob?</h1>" in page
    assert "from 192.0.2.1." in page
    assert "Whoever uses it needs the password of bob to sign in again." in page
    assert bob.client.get("/members").status_code == 200
    page = followed(alice, post(alice, bob, f"sessions/{bob.claims.session_id}/end"))
    assert "The session “&lt;b&gt;phone” of bob was revoked." in page


def test_a_page_names_the_api_token_before_it_is_revoked(app: Flask, alice: Person, bob: Person) -> None:
    claims, token = new_api_token(app, bob.claims.subject)
    with app.app_context(), write_transaction(current_db()) as db:
        lifecycle.rename(db, bob.claims.subject, claims.session_id, "nightly")
    act = f"sessions/{claims.session_id}/end"
    page = get(alice, bob, act).text
    assert "<h1>Revoke the API token “nightly” of bob?</h1>" in page
    assert "Programs that use it need a new token." in page
    assert "The API token “nightly” of bob was revoked." in followed(alice, post(alice, bob, act))
    assert app.test_client().get("/api/me", headers=bearer_header(token)).status_code == 401


def test_a_role_that_the_account_does_not_have_cannot_be_removed(alice: Person, bob: Person) -> None:
    response = get(alice, bob, "roles/remove?role=%3Cb%3E")
    assert response.status_code == 422
    assert "bob does not have this role." in response.text


def test_an_account_is_deleted_and_the_list_says_so(app: Flask, alice: Person, bob: Person) -> None:
    assert "bob was deleted. All sessions of bob have ended." in followed(alice, post(alice, bob, "delete"))
    assert bob.client.get("/members").status_code == 401
    with app.app_context():
        assert current_db().get(Account, bob.claims.subject) is None


@pytest.mark.parametrize("act", EACH_ACT)
def test_an_act_on_an_account_that_was_just_deleted_says_so_with_a_way_back(
    alice: Person, bob: Person, events: Events, act: str
) -> None:
    post(alice, bob, "delete")
    before = len(events())
    response = post(alice, bob, act, **FORM)
    assert response.status_code == 404
    assert "This account does not exist any more." in response.text
    assert '<a href="/admin">Go back to the accounts</a>' in response.text
    assert len(events()) == before


@pytest.mark.parametrize("page", ["", "disable", "delete", "sign-out", "roles/remove?role=x", "sessions/0/end"])
def test_the_pages_of_a_deleted_account_say_so(alice: Person, bob: Person, page: str) -> None:
    post(alice, bob, "delete")
    response = get(alice, bob, page)
    assert response.status_code == 404
    assert "Go back to the accounts" in response.text


@pytest.mark.parametrize("act", EACH_ACT)
def test_only_administrators_may(app: Flask, alice: Person, bob: Person, act: str) -> None:
    assert post(bob, alice, act, **FORM).status_code == 403
    assert get(bob, alice).status_code == 403
    assert roles(app, alice) == ["admin"]


@pytest.mark.parametrize("act", EACH_ACT)
def test_the_password_is_asked_for_if_it_was_entered_long_ago(
    alice: Person, sign_in: Callable[..., Person], act: str
) -> None:
    old = sign_in("alice", age=timedelta(minutes=11))
    response = post(old, alice, act, **FORM)
    assert response.status_code == 401
    assert "Enter your password to" in response.text
    assert "alice" in response.text.partition("Enter your password to")[2].partition(".")[0], "it names the account"


def test_a_wrong_password_is_asked_for_again_for_the_same_act(alice: Person, sign_in: Callable[..., Person]) -> None:
    sign_in("bob")
    old = sign_in("alice", age=timedelta(minutes=11))
    response = post(old, alice, "enable", confirm_password="wrong")
    assert response.status_code == 401
    assert "Enter your password to enable alice." in response.text


def test_the_last_administrator_keeps_the_role_on_the_page(app: Flask, alice: Person) -> None:
    page = get(alice, alice, "roles/remove?role=admin").text
    assert "alice is the only administrator who can sign in for good" in page
    assert 'name="role"' not in page, "no button that would be refused"
    response = post(alice, alice, "roles/remove", role="admin")
    assert response.status_code == 409
    assert "on the page “Accounts”" in response.text
    assert '<a href="/admin">Go back to the accounts</a>' in response.text
    assert roles(app, alice) == ["admin"]


class TestNewAccount:
    """An administrator creates it, and its owner sets the password."""

    def create(self, alice: Person, **form: str | list[str]) -> TestResponse:
        return alice.client.post("/admin/accounts/new", headers=PAGE, data=form)

    def test_its_owner_sets_the_password_with_the_link(self, app: Flask, alice: Person, events: Events) -> None:
        page = self.create(alice, name=" Carol ", roles=["reader", "admin"], new_role="staff").text
        token = page.partition("/reset?token=")[2].partition("<")[0]
        created = next(line for line in events() if line["event"] == "account_created")
        assert created["by"] == alice.claims.subject
        client = app.test_client()
        for password in (PASSWORD, "unset"):
            assert client.post("/login", json={"username": "carol", "password": password}).status_code == 401
        response = client.post("/reset", headers=PAGE, data={"token": token, "password": PASSWORD})
        assert response.status_code == 200
        assert client.post("/login", json={"username": "carol", "password": PASSWORD}).status_code == 200
        assert client.post("/reset", headers=PAGE, data={"token": token, "password": PASSWORD}).status_code == 410
        with app.app_context():
            assert current_db().get_one(Account, created["account"]).roles == ["admin", "reader", "staff"]

    def test_it_may_have_an_end_date(self, app: Flask, alice: Person) -> None:
        day = today() + timedelta(days=9)
        assert self.create(alice, name="carol", until=f" {day} ").status_code == 200
        assert self.create(alice, name="dora", until="").status_code == 200
        with app.app_context():
            ends = {account.name: account.ends_at for account in current_db().query(Account)}
        assert (ends["carol"], ends["dora"]) == (datetime.combine(day + timedelta(days=1), time(0), UTC), None)

    def test_a_new_role_is_pointed_out_on_the_page_with_the_link(self, alice: Person, bob: Person) -> None:
        assert (
            "No rule and no other account has the role editr."
            in self.create(alice, name="carol", new_role="editr").text
        )
        assert "No rule and no other account" not in self.create(alice, name="dora", new_role="editr").text

    @pytest.mark.parametrize(
        ("form", "status", "words"),
        [
            ({"name": "x"}, 422, "A name has 3 to 32 characters"),
            ({"name": "ALICE"}, 409, "This name is taken."),
            ({"name": "gone"}, 409, "This was the name of an account that has been deleted."),
            ({"name": "carol", "new_role": "<b>"}, 422, "A role has 1 to 32 characters"),
            ({"name": "carol", "roles": ["<b>"]}, 422, "One of the roles does not exist any more."),
            ({"name": "carol", "roles": ["admin", "abolished"]}, 422, "One of the roles does not exist any more."),
            ({"name": "carol", "until": "soon"}, 422, "Enter a date such as 2026-12-31."),
            ({"name": "carol", "until": "9999-12-31"}, 422, "Enter a date such as 2026-12-31."),
            ({"name": "carol", "until": "2020-01-01"}, 422, "This day is over. Choose today or a later day.<"),
            ({}, 422, "A name has 3 to 32 characters"),
        ],
    )
    def test_mistakes_are_errors_at_the_field(
        self, app: Flask, alice: Person, sign_in: Callable[..., Person], form: dict[str, Any], status: int, words: str
    ) -> None:
        post(alice, sign_in("gone"), "delete")
        response = self.create(alice, **form)
        assert response.status_code == status
        assert words in response.text
        with app.app_context():
            assert [account.name for account in current_db().query(Account)] == ["alice"]

    def test_before_that_a_sign_in_takes_as_long_as_any_other(
        self, app: Flask, alice: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.create(alice, name="carol")
        compared = list[str]()

        def note(stored: str, password: str) -> bool:
            compared.append(stored)
            return check_password_hash(stored, password)

        monkeypatch.setattr(password_hasher, "check_password_hash", note)
        app.test_client().post("/login", json={"username": "carol", "password": PASSWORD})
        assert compared == [password_hasher.DUMMY_HASH]

    def test_the_choice_of_roles_has_those_in_use_and_in_the_rules(self, alice: Person, bob: Person) -> None:
        page = alice.client.get("/admin/accounts/new", headers=PAGE).text
        assert offered(page) == ["admin", "editor", "reader"]
        page = self.create(alice, name="x", roles=["reader"], new_role="staff").text
        assert 'value="reader" checked' in page, "what was selected stays"
        assert 'value="staff"' in page
