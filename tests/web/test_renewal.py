"""Keep me signed in: a new token once a day, up to a month."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.http import parse_cookie

from daypass.accounts import accounts
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.sessions import confirmation, lifecycle
from daypass.tokens.claims import Claims
from daypass.web import gate, renewal
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person, app_settings, verify_token

pytestmark = pytest.mark.each_database

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie("daypass")
    assert held
    return held.value


def claims_in(app: Flask, token: str) -> Claims:
    return verify_token(app, token).claims


def row(app: Flask, claims: Claims) -> AuthSession:
    with app.app_context():
        return current_db().get_one(AuthSession, claims.session_id)


def test_a_checkbox_asks_for_a_kept_session(app: Flask, client: FlaskClient, add_account: Callable[..., str]) -> None:
    add_account("alice")
    client.post("/login", headers=PAGE, data={"username": "alice", "password": PASSWORD, "keep": "y"})
    claims = claims_in(app, cookie(client))
    assert claims.expires_at - claims.issued_at == 7 * DAY
    assert claims.until - claims.issued_at == 30 * DAY


def test_a_plain_session_is_never_renewed(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=23 * HOUR)
    assert "Set-Cookie" not in alice.client.get("/members").headers


def test_a_kept_session_is_not_renewed_within_the_day(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=23 * HOUR, keep=True)
    assert "Set-Cookie" not in alice.client.get("/members").headers


def test_a_kept_session_gets_a_new_token_after_a_day(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=25 * HOUR, keep=True)
    response = alice.client.get("/members")
    assert "HttpOnly" in response.headers["Set-Cookie"]
    new = claims_in(app, cookie(alice.client))
    assert new.session_id == alice.claims.session_id
    assert new.auth_time == alice.claims.auth_time
    assert new.until == alice.claims.until
    assert new.expires_at - new.issued_at == 7 * DAY
    assert row(app, new).expires_at == new.expires_at
    assert "Set-Cookie" not in alice.client.get("/members").headers


def test_the_old_token_stays_valid_and_ends_with_the_session(
    client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice", age=25 * HOUR, keep=True)
    alice.client.get("/members")
    assert client.get("/members", headers=alice.bearer_header).status_code == 200
    alice.client.post("/logout", headers=PAGE)
    assert client.get("/members", headers=alice.bearer_header).status_code == 401


def test_of_parallel_requests_one_renews_and_all_stay_signed_in(
    app: Flask, sign_in: Callable[..., Person], events: Callable[[], list[dict[str, str]]]
) -> None:
    alice = sign_in("alice", age=25 * HOUR, keep=True)

    def tab(_: int) -> list[str]:
        response = app.test_client(use_cookies=False).get("/members", headers={"Cookie": f"daypass={alice.token}"})
        assert response.status_code == 200
        return [parse_cookie(cookie)["daypass"] for cookie in response.headers.getlist("Set-Cookie")]

    with ThreadPoolExecutor(8) as tabs:
        renewed = [token for tokens in tabs.map(tab, range(8)) for token in tokens]
    assert [line["event"] for line in events()] == ["renewal"]
    assert len(renewed) == 1
    for token in (*renewed, alice.token):
        assert claims_in(app, token).session_id == alice.claims.session_id


def test_nothing_is_renewed_after_the_end_of_the_month(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=30 * DAY + HOUR, keep=True)
    response = alice.client.get("/members", headers=PAGE)
    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers


def test_a_week_without_a_visit_ends_a_kept_session(sign_in: Callable[..., Person]) -> None:
    assert sign_in("alice", age=6 * DAY, keep=True).client.get("/members").status_code == 200
    assert sign_in("alice", age=8 * DAY, keep=True).client.get("/members").status_code == 401


def test_the_last_token_ends_with_the_month(app: Flask, sign_in: Callable[..., Person]) -> None:
    claims = sign_in("alice", age=25 * DAY, keep=True).claims
    settings = app_settings(app)
    with app.app_context():
        last = renewal._renew(current_db(), claims, settings, datetime.now(UTC))
    assert last is not None
    assert last.expires_at == claims.until
    assert renewal.is_due(claims, settings, claims.until - HOUR)
    assert not renewal.is_due(last, settings, claims.until - HOUR)
    assert not renewal.is_due(claims, settings, claims.until)


@pytest.mark.parametrize(("method", "path"), [("POST", "/logout"), ("GET", "/"), ("GET", "/admin"), ("GET", "/login")])
def test_no_other_request_renews(sign_in: Callable[..., Person], method: str, path: str) -> None:
    """Signing out, open pages, and a page that is refused."""
    alice = sign_in("alice", age=25 * HOUR, keep=True)
    response = alice.client.open(path, method=method, headers=PAGE)
    tokens = [line for line in response.headers.getlist("Set-Cookie") if line.startswith("daypass=")]
    assert all(line.startswith("daypass=;") for line in tokens)


def test_a_program_with_a_bearer_token_gets_no_cookie(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=25 * HOUR, keep=True)
    assert "Set-Cookie" not in client.get("/members", headers=alice.bearer_header).headers


def test_a_session_that_ends_while_it_is_renewed_stays_ended(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=25 * HOUR, keep=True)

    def ends_meanwhile() -> str:
        with write_transaction(current_db()):
            lifecycle.end(current_db(), alice.claims.session_id, "signed_out")
        return "shown"

    app.add_url_rule("/slow", view_func=gate.token_required(ends_meanwhile))
    response = alice.client.get("/slow")
    assert (response.status_code, response.text) == (200, "shown")
    assert "Set-Cookie" not in response.headers
    assert row(app, alice.claims).expires_at < datetime.now(UTC) + 6 * DAY
    assert alice.client.get("/members").status_code == 401


def test_a_disabled_account_is_not_renewed(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=25 * HOUR, keep=True)
    with app.app_context():
        with write_transaction(current_db()):
            accounts.disable(current_db(), current_db().get_one(Account, alice.claims.subject))
        with write_transaction(current_db()):
            now = datetime.now(UTC)
            assert lifecycle.renew(current_db(), alice.claims, now=now, idle=86_400) is None


def test_last_seen_is_written_at_most_once_in_five_minutes(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=HOUR)
    activity, before = app.extensions["daypass"].activity, row(app, alice.claims).last_seen_at
    alice.client.get("/members")
    assert row(app, alice.claims).last_seen_at == before, "nothing is written during a request"
    activity.flush()
    first = row(app, alice.claims).last_seen_at
    alice.client.get("/members")
    activity.flush()
    assert first > before
    assert row(app, alice.claims).last_seen_at == first


def test_the_tokens_of_two_overlapping_renewals_are_both_valid(app: Flask, sign_in: Callable[..., Person]) -> None:
    """The renewal with the later time is committed first."""
    claims, now = sign_in("alice", age=25 * HOUR, keep=True).claims, datetime.now(UTC)
    renewed: list[Claims | None] = []
    with app.app_context():
        for moment in (now, now - timedelta(seconds=30)):
            with write_transaction(current_db()):
                renewed.append(lifecycle.renew(current_db(), claims, now=moment, idle=7 * 86_400))
        for claims_renewed in renewed:
            assert claims_renewed is not None
            confirmation.confirm(current_db(), claims_renewed)
