"""Sign-up, and the set-up of the first account."""

import hashlib
import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from daypass.accounts import setup
from daypass.database.models import Account, Setup
from daypass.database.transactions import write_transaction
from daypass.tokens import link_codes
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person, setup_code
from tests.helpers.setup_links import new_setup_code
from tests.helpers.tokens import reset_link_token

pytestmark = pytest.mark.each_database

LINK_INVALID = "This link is not valid any more."


def post_form(client: FlaskClient, path: str = "/signup", **fields: str) -> TestResponse:
    return client.post(path, headers=PAGE, data=fields)


def accounts_and_roles(app: Flask) -> list[tuple[str, list[str]]]:
    with app.app_context():
        return [(account.name, account.roles) for account in current_db().query(Account)]


class TestSignup:
    """With DAYPASS_SIGNUP set to open."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_SIGNUP": "open"}

    def test_signing_up_signs_in_and_goes_on(self, app: Flask, client: FlaskClient) -> None:
        response = post_form(client, username="Alice", password=PASSWORD, next="/members")
        assert (response.status_code, response.location) == (303, "/members")
        assert client.get("/members").status_code == 200
        assert accounts_and_roles(app) == [("alice", [])]

    def test_only_name_and_password_are_read_from_the_form(self, app: Flask, client: FlaskClient) -> None:
        extra = {"role": "admin", "roles": "admin", "id": "1", "is_admin": "1", "disabled_at": ""}
        post_form(client, username="mallory", password=PASSWORD, **extra)
        assert accounts_and_roles(app) == [("mallory", [])]
        assert client.get("/admin").status_code == 403

    @pytest.mark.parametrize(
        "username", ["", "al", "a" * 33, "a b", "ali\x00ce", "alïce", "\u212aelvin", "<img src=x>", "{{7*7}}"]
    )
    def test_a_name_outside_the_rules_is_an_error_at_its_field(
        self, app: Flask, client: FlaskClient, username: str
    ) -> None:
        response = post_form(client, username=username, password=PASSWORD)
        assert response.status_code == 422
        assert "3 to 32 characters: a to z" in response.text
        assert "<img" not in response.text
        assert username in html.unescape(response.text), "shown as text"
        assert accounts_and_roles(app) == []

    @pytest.mark.parametrize("password", ["", "short 7", "password1", "daypass2026!", "alice1234", "x" * 129])
    def test_a_weak_password_is_an_error_with_advice_and_the_name_stays(
        self, app: Flask, client: FlaskClient, password: str
    ) -> None:
        response = post_form(client, username="alice", password=password)
        assert response.status_code == 422
        assert "easy to guess" in response.text or "8 to 128 characters." in response.text
        assert 'value="alice"' in response.text
        assert accounts_and_roles(app) == []

    def test_a_name_that_is_taken_is_an_error_in_any_case(self, app: Flask, client: FlaskClient) -> None:
        post_form(client, username="alice", password=PASSWORD)
        response = post_form(app.test_client(), username="ALICE", password="another 9 heron meadow")
        assert response.status_code == 409
        assert "This name is taken." in response.text
        assert accounts_and_roles(app) == [("alice", [])]

    def test_of_two_sign_ups_with_a_name_at_once_one_succeeds(self, app: Flask) -> None:
        with ThreadPoolExecutor(2) as both:
            clients = [app.test_client(), app.test_client()]
            responses = both.map(
                lambda client: post_form(client, username="alice", password=PASSWORD).status_code, clients
            )
        assert sorted(responses) == [303, 409]
        assert accounts_and_roles(app) == [("alice", [])]

    def test_signing_up_ends_the_session_that_the_browser_held(
        self, client: FlaskClient, sign_in: Callable[..., Person]
    ) -> None:
        alice = sign_in("alice")
        assert post_form(alice.client, username="bob", password=PASSWORD).status_code == 303
        assert client.get("/members", headers=alice.bearer_header).status_code == 401


def test_sign_up_is_closed_unless_it_is_opened(app: Flask, client: FlaskClient) -> None:
    assert client.get("/signup", headers=PAGE).status_code == 403
    assert post_form(client, username="alice", password=PASSWORD).status_code == 403
    assert accounts_and_roles(app) == []
    assert "/signup" not in client.get("/login", headers=PAGE).text


def test_the_link_makes_the_first_account_an_admin_and_signs_it_in(app: Flask, client: FlaskClient) -> None:
    code = new_setup_code(app)
    assert code in client.get(f"/setup?code={code}", headers=PAGE).text
    assert "Set-Cookie" not in client.get(f"/setup?code={code}", headers=PAGE).headers
    response = post_form(client, "/setup", username="alice", password=PASSWORD, code=code)
    assert (response.status_code, response.location) == (303, "/")
    assert accounts_and_roles(app) == [("alice", ["admin"])]
    assert client.get("/admin").status_code == 200


def test_the_link_is_short_and_its_code_cannot_be_guessed(app: Flask) -> None:
    codes = {new_setup_code(app) for _ in range(10)}
    assert len(codes) == 10
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", code) for code in codes), "192 bits in base64url"
    assert len(f"http://127.0.0.1:8000/setup?code={codes.pop()}") < 80


def test_only_a_digest_of_the_code_is_stored(app: Flask) -> None:
    code = new_setup_code(app)
    with app.app_context():
        row = current_db().scalars(select(Setup)).one()
        assert row.code_digest == hashlib.sha256(code.encode()).digest()
        assert row.link_id is None


def test_no_event_tells_the_code(app: Flask, client: FlaskClient, events: Callable[[], list[dict[str, str]]]) -> None:
    code = new_setup_code(app)
    for password in ("password1", PASSWORD):
        post_form(client, f"/setup?code={code}", username="alice", password=password, code=code)
    assert [(event["event"], event["outcome"]) for event in events()] == [("set_up", "failure"), ("set_up", "success")]
    assert code not in str(events())


def test_the_link_is_invalid_once_it_was_used(app: Flask, client: FlaskClient) -> None:
    former, code = new_setup_code(app), new_setup_code(app)
    assert post_form(client, "/setup", username="alice", password=PASSWORD, code=code).status_code == 303
    for dead in (code, former):
        assert app.test_client().get(f"/setup?code={dead}", headers=PAGE).status_code == 410
        assert (
            post_form(app.test_client(), "/setup", username="mallory", password=PASSWORD, code=dead).status_code == 410
        )
    assert accounts_and_roles(app) == [("alice", ["admin"])]


def test_the_link_is_invalid_once_an_account_exists(
    app: Flask, client: FlaskClient, add_account: Callable[..., str]
) -> None:
    code = new_setup_code(app)
    add_account("bob")
    assert post_form(client, "/setup", username="mallory", password=PASSWORD, code=code).status_code == 410
    assert setup_code(app) is None


def test_of_two_uses_of_the_link_at_once_one_creates_the_admin(app: Flask) -> None:
    code = new_setup_code(app)
    with ThreadPoolExecutor(2) as both:
        people = [(app.test_client(), "alice"), (app.test_client(), "mallory")]
        responses = both.map(
            lambda person: post_form(person[0], "/setup", username=person[1], password=PASSWORD, code=code).status_code,
            people,
        )
    assert sorted(responses) == [303, 410]
    assert len(accounts_and_roles(app)) == 1


def link_of_age(app: Flask, age: timedelta) -> str:
    """The path and query of the current set-up link, made so long ago."""
    with app.app_context():
        code = link_codes.new_code()
        with write_transaction(current_db()):
            assert setup.replace_link(current_db(), code, datetime.now(UTC) - age)
        return f"/setup?code={code}"


def test_the_link_is_valid_for_an_hour(app: Flask, client: FlaskClient) -> None:
    assert client.get(link_of_age(app, timedelta(minutes=59)), headers=PAGE).status_code == 200
    response = client.get(link_of_age(app, timedelta(hours=1)), headers=PAGE)
    assert response.status_code == 410
    assert LINK_INVALID in response.text


@pytest.mark.parametrize("code", ["", "x", "a.b.c", "\x00", "a" * 5000])
def test_a_link_that_was_not_issued_here_is_invalid(app: Flask, client: FlaskClient, code: str) -> None:
    assert LINK_INVALID in client.get("/setup", query_string={"code": code}, headers=PAGE).text
    assert post_form(client, "/setup", username="mallory", password=PASSWORD, code=code).status_code == 410
    assert accounts_and_roles(app) == []


def test_a_reset_link_is_not_a_session(app: Flask, client: FlaskClient) -> None:
    token = reset_link_token(app)
    assert client.get("/members", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    client.set_cookie("daypass", token)
    assert client.get("/members").status_code == 401


def test_a_mistake_at_set_up_loses_nothing(app: Flask, client: FlaskClient) -> None:
    code = new_setup_code(app)
    response = post_form(client, "/setup", username="alice", password="password1", code=code)
    assert response.status_code == 422
    assert 'value="alice"' in response.text
    assert code in response.text
    assert post_form(client, "/setup", username="alice", password=PASSWORD, code=code).status_code == 303


def test_nobody_has_an_account_at_first(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        assert current_db().scalars(select(Account)).all() == []
    for name in ("admin", "root", "test", "demo"):
        assert post_form(client, "/login", username=name, password=name).status_code == 401
