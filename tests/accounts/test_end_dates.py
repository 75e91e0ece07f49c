"""Accounts with an end date: until then they are like any other, afterwards like a disabled one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.accounts import accounts, recovery
from daypass.accounts.errors import InvalidLink
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.sessions.confirmation import confirm
from daypass.tokens.errors import InvalidToken
from daypass.web.context import current_db
from tests.conftest import PASSWORD, Person, new_session
from tests.helpers.tokens import bearer_header

pytestmark = pytest.mark.each_database

DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def set_end(app: Flask, account_id: str, ends_at: datetime | None) -> int:
    with app.app_context(), write_transaction(current_db()) as db:
        return accounts.set_end(db, db.get_one(Account, account_id), ends_at)


@pytest.fixture
def bob(app: Flask, sign_in: Callable[..., Person]) -> Person:
    """Somebody besides an administrator."""
    sign_in("alice", ["admin"])
    return sign_in("bob")


def log_in(client: FlaskClient, name: str, password: str = PASSWORD) -> tuple[int, object]:
    response = client.post("/login", json={"username": name, "password": password})
    return response.status_code, response.get_json().get("detail")


def test_after_it_nobody_signs_in_and_the_answer_is_that_to_a_wrong_password(
    app: Flask, client: FlaskClient, bob: Person
) -> None:
    set_end(app, bob.claims.subject, now() + DAY)
    assert log_in(client, "bob")[0] == 200
    set_end(app, bob.claims.subject, now())
    assert log_in(client, "bob") == log_in(client, "bob", "another password") == log_in(client, "nobody")
    set_end(app, bob.claims.subject, None)
    assert log_in(client, "bob")[0] == 200


def test_sessions_that_would_last_longer_end_and_the_others_go_on(app: Flask, bob: Person) -> None:
    kept, kept_token = new_session(app, bob.claims.subject, keep=True)
    assert set_end(app, bob.claims.subject, now() + 2 * DAY) == 1, "the session that may be renewed for 30 days"
    client = app.test_client()
    statuses = [client.get("/members", headers=bearer_header(token)).status_code for token in (bob.token, kept_token)]
    assert statuses == [200, 401]
    with app.app_context():
        assert current_db().get_one(AuthSession, kept.session_id).end_reason == "end_date_set"


@pytest.mark.parametrize("keep", [False, True])
def test_a_session_that_starts_later_ends_with_the_account(app: Flask, bob: Person, keep: bool) -> None:
    ends_at = (now() + timedelta(hours=2)).replace(microsecond=0)
    set_end(app, bob.claims.subject, ends_at)
    claims, _ = new_session(app, bob.claims.subject, keep=keep)
    assert (claims.expires_at, claims.until) == (ends_at, ends_at)


def test_a_token_for_programs_ends_with_the_account(app: Flask, bob: Person) -> None:
    ends_at = (now() + timedelta(hours=26)).replace(microsecond=0)
    set_end(app, bob.claims.subject, ends_at)
    bob.client.post("/account/tokens", data={"name": "script", "days": "90"}, headers={"Sec-Fetch-Site": "same-origin"})
    with app.app_context():
        row = current_db().query(AuthSession).filter_by(kind="api").one()
        assert (row.expires_at, row.until_at) == (ends_at, ends_at)


def test_a_session_that_an_older_version_started_is_refused_if_it_would_last_longer(app: Flask, bob: Person) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        db.get_one(Account, bob.claims.subject).ends_at = now() + timedelta(hours=1)
    with app.app_context(), pytest.raises(InvalidToken):
        confirm(current_db(), bob.claims)


def test_a_reset_link_does_not_open_an_account_that_has_ended(app: Flask, bob: Person) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        account = db.get_one(Account, bob.claims.subject)
        link_id = recovery.new_link(account)
        assert recovery.check_link(account, link_id) is account
        account.ends_at = now()
        with pytest.raises(InvalidLink):
            recovery.check_link(account, link_id)
