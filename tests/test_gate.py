"""The responses of the gate, and its database queries."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.database import listener
from daypass.database.change_detector import POLL_SECONDS
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import PAGE, Person, app_settings, new_session
from tests.helpers.listening import let_listen
from tests.helpers.statements import counted_statements
from tests.helpers.tokens import bearer_header, tampered

pytestmark = pytest.mark.each_database

PROGRAM = {"Accept": "application/json"}
SCRIPT_OF_A_PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
OLD_BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def let_settle(app: Flask) -> None:
    """On PostgreSQL, wait until the app listens for changes."""
    if app_settings(app).database_url.get_backend_name() == "postgresql":
        let_listen(app)


def test_a_gated_request_asks_the_database_nothing(
    app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL another thread reads the ended sessions again meanwhile."""
    monkeypatch.setattr(listener, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(listener, "REREAD_SECONDS", 0.05)
    alice = sign_in("alice")
    let_settle(app)
    alice.client.get("/members")
    deadline = time.monotonic() + 2 * POLL_SECONDS
    with counted_statements(app) as statements:
        while time.monotonic() < deadline:
            assert alice.client.get("/members").status_code == 200
    assert statements == []


def test_a_refused_request_asks_the_database_nothing(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice, forged = sign_in("alice"), {"Authorization": "Bearer aaaa.bbbb.cccc"}
    let_settle(app)
    alice.client.get("/members")
    with counted_statements(app) as statements:
        assert alice.client.get("/members", headers=forged).status_code == 401
    assert statements == []


def test_the_count_of_statements_can_fail(app: Flask, sign_in: Callable[..., Person]) -> None:
    with counted_statements(app) as statements:
        sign_in("alice").client.get("/members")
    assert statements != []


@pytest.mark.parametrize("headers", [PROGRAM, SCRIPT_OF_A_PAGE, {}])
def test_a_program_without_a_token_is_told_so_without_an_error_code(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    response = client.get("/members", headers=headers)
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert response.json == {
        "type": "about:blank",
        "title": "Invalid token",
        "status": 401,
        "detail": "Sign in to see this page.",
        "gate_said": "Invalid token: no token was sent",
    }
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", "the token has expired"),
        ("ended", "the session of the token was ended"),
        ("forged", "the token was changed, or was not issued by this site"),
    ],
)
def test_a_program_gets_the_words_of_the_gate(sign_in: Callable[..., Person], fault: str, words: str) -> None:
    alice = sign_in("alice", age=timedelta(days=2) if fault == "expired" else timedelta(0))
    if fault == "ended":
        alice.client.post("/logout", headers=PAGE)
    token = tampered(alice.token) if fault == "forged" else alice.token
    problem = alice.client.get("/api/me", headers=bearer_header(token)).get_json()
    assert problem["gate_said"] == f"Invalid token: {words}"


def test_only_a_refused_token_has_words_of_the_gate(client: FlaskClient) -> None:
    for path in ("/nothing", "/login"):
        assert "gate_said" not in client.post(path, headers=PROGRAM, json={}).get_json()


def test_a_program_with_a_bad_token_is_told_what_is_wrong_with_it(client: FlaskClient) -> None:
    response = client.get("/members", headers={"Authorization": "Bearer a.b.c"})
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert response.headers["WWW-Authenticate"] == (
        'Bearer realm="Daypass", error="invalid_token", '
        'error_description="This token was changed, or was not issued by this site."'
    )


@pytest.mark.parametrize("headers", [PAGE, OLD_BROWSER])
def test_a_browser_without_a_token_gets_the_page_with_the_form(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.get("/members?x=1&y=a%20b", headers=headers)
    assert (response.status_code, response.mimetype) == (401, "text/html")
    assert "<h1>Sign in to see the members page</h1>" in response.text
    assert "<code>Invalid token: no token was sent</code>" in response.text
    assert 'name="password"' in response.text
    assert 'value="/members?x=1&amp;y=a%20b"' in response.text
    assert "Set-Cookie" not in response.headers


def test_a_browser_with_a_bad_cookie_gets_the_page_and_loses_the_cookie(client: FlaskClient) -> None:
    client.set_cookie("daypass", "torn.up.token")
    response = client.get("/members", headers=PAGE)
    assert "This token was changed, or was not issued by this site." in response.text
    assert response.headers["Set-Cookie"].startswith("daypass=; Expires=Thu, 01 Jan 1970")
    assert client.get_cookie("daypass") is None


def test_an_invalid_bearer_token_does_not_delete_a_valid_cookie(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    response = alice.client.get("/members", headers=PAGE | {"Authorization": "Bearer torn.up.token"})
    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers
    assert alice.client.get("/members").status_code == 200


def test_an_expired_token_is_told_so(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=timedelta(days=1, seconds=1))
    assert "Your pass expired <time" in alice.client.get("/members", headers=PAGE).text


def test_a_cached_token_still_expires(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=timedelta(days=1, seconds=-3))
    assert client.get("/members", headers=alice.bearer_header).status_code == 200
    while datetime.now(UTC) < alice.claims.expires_at:
        client.get("/members", headers=alice.bearer_header)
    response = client.get("/members", headers=alice.bearer_header)
    assert (response.json or {}).get("detail") == "This token has expired."


def test_a_browser_without_the_role_gets_a_page(sign_in: Callable[..., Person]) -> None:
    response = sign_in("bob").client.get("/admin", headers=PAGE)
    assert (response.status_code, response.mimetype) == (403, "text/html")
    assert "Not allowed" in response.text


def test_a_program_without_the_role_gets_insufficient_scope(sign_in: Callable[..., Person]) -> None:
    response = sign_in("bob").client.get("/admin")
    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


def test_a_removed_role_of_an_old_token_is_refused(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", ["admin"])
    with app.app_context(), write_transaction(current_db()):
        current_db().get_one(Account, alice.claims.subject).roles = []
    assert alice.client.get("/admin").status_code == 401


def test_every_session_has_an_identifier_of_its_own(app: Flask, add_account: Callable[..., str]) -> None:
    alice = add_account("alice")
    issued = [new_session(app, alice) for _ in range(200)]
    identifiers = {claims.session_id for claims, _ in issued}
    assert len(identifiers) == len({token for _, token in issued}) == 200
    assert all(len(bytes.fromhex(identifier)) * 8 == 128 for identifier in identifiers)


def test_a_missing_role_is_one_line(sign_in: Callable[..., Person], events: Callable[[], list[dict[str, str]]]) -> None:
    bob = sign_in("bob")
    bob.client.get("/admin")
    (line,) = events()
    assert (line["event"], line["reason"], line["account"]) == ("role_missing", "admin", bob.claims.subject)
