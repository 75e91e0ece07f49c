"""The sessions page, and the tokens for programs that an account creates."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.accounts import accounts
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.sessions import lifecycle
from daypass.web.context import current_db
from daypass.web.forms import ApiTokenForm
from daypass.web.pages import api_tokens
from tests.conftest import PAGE, PASSWORD, Person, new_session
from tests.helpers.api_token_form import create_api_token, token_in

pytestmark = pytest.mark.each_database

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in_as(client: FlaskClient, user_agent: str) -> None:
    headers = PAGE | {"User-Agent": user_agent}
    assert client.post("/login", headers=headers, data={"username": "alice", "password": PASSWORD}).status_code == 303


def listed(person: Person, page: str = "sessions") -> str:
    return person.client.get(f"/account/{page}", headers=PAGE).text


def refused(client: FlaskClient, token: str) -> bool:
    return client.get("/members", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_list_names_browser_and_system(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    sign_in_as(app.test_client(), FIREFOX)
    sign_in_as(app.test_client(), "<script>alert(1)</script>")
    page = listed(alice)
    assert "Firefox on Linux" in page
    assert "An unknown browser" in page
    assert "<script>alert" not in page


def test_the_list_has_only_the_accounts_own_sessions(sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    assert alice.claims.session_id in listed(alice) or "This browser" in listed(alice)
    assert bob.claims.session_id not in listed(alice)


def test_one_session_ends_and_the_others_go_on(app: Flask, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    lost, lost_token = new_session(app, alice.claims.subject)
    _, kept_token = new_session(app, alice.claims.subject)
    assert alice.client.post(f"/account/sessions/{lost.session_id}/end", headers=PAGE).status_code == 303
    assert refused(client, lost_token)
    assert not refused(client, kept_token)
    assert "by you" in listed(alice)


def test_the_list_shows_each_change_at_once(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice, moment = sign_in("alice"), datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    other, _ = new_session(app, alice.claims.subject)
    changes: dict[str, dict[str, object]] = {
        "a laptop": {"name": "a laptop"},
        "Firefox on Linux": {"user_agent": FIREFOX},
        "192.0.2.77": {"address": "192.0.2.77"},
        "2020-02-03 04:05:06": {"last_seen_at": moment},
        "Renewed until": {"until_at": datetime.now(UTC) + timedelta(days=9)},
        "by an administrator": {"ended_at": datetime.now(UTC), "end_reason": "ended_by_admin"},
    }
    for text, change in changes.items():
        assert text not in listed(alice)
        with app.app_context(), write_transaction(current_db()) as db:
            row = db.get_one(AuthSession, other.session_id)
            for column, value in change.items():
                setattr(row, column, value)
        assert text in listed(alice)


def test_end_all_others_keeps_this_one_alone(app: Flask, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    others = [new_session(app, alice.claims.subject)[1] for _ in range(3)]
    alice.client.post("/account/sessions/end-others", headers=PAGE)
    assert all(refused(client, token) for token in others)
    assert not refused(client, alice.token)
    assert not refused(client, bob.token)


def test_end_all_others_leaves_tokens_for_programs_and_says_so(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    new_session(app, alice.claims.subject)
    token = token_in(create_api_token(alice))
    before = alice.client.get("/account/sessions/end-others", headers=PAGE).text
    assert "Revoke 1 other session?" in before
    assert "Your token for programs stays valid." in before
    response = alice.client.post("/account/sessions/end-others", headers=PAGE)
    assert "Revoked: 1 other session." in alice.client.get(response.location or "", headers=PAGE).text
    assert not refused(client, token)


def test_without_other_sessions_there_is_nothing_to_revoke_and_no_button(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    page = listed(alice, "sessions/end-others")
    assert "No other browser is signed in to your account." in page
    assert "Revoke all other sessions" not in page
    assert 'href="/account/sessions">Go back</a>' in page
    target = alice.client.post("/account/sessions/end-others", headers=PAGE).location or ""
    assert "No other browser is signed in to your account." in alice.client.get(target, headers=PAGE).text


def test_what_revoking_a_session_does_is_said_before_and_after(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    lost, token = new_session(app, alice.claims.subject)
    with app.app_context(), write_transaction(current_db()) as db:
        row = db.get_one(AuthSession, lost.session_id)
        row.user_agent, row.address = FIREFOX, "203.0.113.9"
    url = f"/account/sessions/{lost.session_id}/end"
    page = alice.client.get(url, headers=PAGE).text
    assert all(text in page for text in ("Revoke Firefox on Linux?", "Another network, 203.0.113.9.", "is refused"))
    assert not refused(client, token), "the question changes nothing"
    response = alice.client.post(url, headers=PAGE)
    assert "The session was revoked." in alice.client.get(response.location or "", headers=PAGE).text
    assert alice.client.get(url, headers=PAGE).status_code == 404, "it has ended"


@pytest.mark.parametrize("others", range(6))
def test_up_to_five_sessions_are_passes_and_from_six_on_all_but_this_one_are_rows(
    app: Flask, sign_in: Callable[..., Person], others: int
) -> None:
    alice = sign_in("alice")
    for _ in range(others):
        new_session(app, alice.claims.subject)
    page = listed(alice)
    live = page.partition("ended-sessions")[0]
    passes, rows = live.count('class="pass pass--small'), live.count('class="session-row"')
    assert (passes, rows) == ((others + 1, 0) if others < 5 else (1, others))
    assert page.index("This browser") < page.index("Last seen")


@pytest.mark.parametrize("act", ["end", "name"])
def test_nobody_can_change_another_accounts_session(
    client: FlaskClient, sign_in: Callable[..., Person], act: str
) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    for session_id in (bob.claims.session_id, "0" * 32, "x", "' OR 1=1 --"):
        response = alice.client.post(f"/account/sessions/{session_id}/{act}", headers=PAGE, data={"name": "mine"})
        assert response.status_code == 404
        assert alice.client.get(f"/account/sessions/{session_id}/end", headers=PAGE).status_code == 404
    assert not refused(client, bob.token)
    assert "mine" not in listed(bob)


def test_a_session_can_be_named(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    other, _ = new_session(app, alice.claims.subject)
    alice.client.post(f"/account/sessions/{other.session_id}/name", headers=PAGE, data={"name": "Kitchen <tablet>"})
    page = listed(alice)
    assert "Kitchen &lt;tablet&gt;" in page
    assert "<tablet>" not in page


def test_a_token_for_programs_works_as_bearer_and_not_as_cookie(
    client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    token = token_in(create_api_token(sign_in("alice")))
    assert not refused(client, token)
    client.set_cookie("daypass", token)
    response = client.get("/members", headers=PAGE)
    assert response.status_code == 401
    assert "This token was changed, or was not issued by this site." in response.text


def test_a_token_for_programs_is_shown_once_and_listed(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    token = token_in(create_api_token(alice, name="nightly report"))
    assert "nightly report" in listed(alice, "tokens")
    assert "nightly report" not in listed(alice)
    assert token.rpartition(".")[2] not in listed(alice, "tokens")


def test_a_token_for_programs_ends_like_any_session(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    token = token_in(create_api_token(alice))
    with app.app_context():
        session_id = current_db().query(AuthSession.id).filter_by(kind="api").scalar()
    alice.client.post(f"/account/sessions/{session_id}/end", headers=PAGE)
    assert refused(client, token)


def test_a_token_has_no_more_roles_than_those_asked_for_and_held(
    client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob")
    without, having = token_in(create_api_token(alice)), token_in(create_api_token(alice, roles=["admin"]))
    stolen = token_in(create_api_token(bob, roles=["admin"]))
    statuses = [
        client.get("/api/me", headers={"Authorization": f"Bearer {token}"}).get_json()["roles"]
        for token in (without, having, stolen)
    ]
    assert statuses == [[], ["admin"], []]


def test_a_token_lives_for_the_days_asked_for(app: Flask, sign_in: Callable[..., Person]) -> None:
    create_api_token(sign_in("alice"), days="365")
    with app.app_context():
        session = current_db().query(AuthSession).filter_by(kind="api").one()
        assert session.expires_at - session.created_at == timedelta(days=365)


@pytest.mark.parametrize(
    "fields", [{"days": "0"}, {"days": "366"}, {"days": "many"}, {"days": ""}, {"name": ""}, {"name": "x" * 65}]
)
def test_a_token_with_invalid_fields_is_not_created(
    app: Flask, sign_in: Callable[..., Person], fields: dict[str, str]
) -> None:
    response = create_api_token(sign_in("alice"), **fields)
    assert response.status_code == 422
    with app.app_context():
        assert current_db().query(AuthSession).filter_by(kind="api").count() == 0


NOT_ASCII_DIGITS = [
    "\u0663\u0660",
    "\uff13\uff10",
    "+7",
    "-7",
    "1_0",
    " 7",
    "7 ",
    "7\n",
    "7.0",
    "1e1",
    "0x7",
    "9" * 5000,
]


@pytest.mark.parametrize("days", NOT_ASCII_DIGITS, ids=lambda days: ascii(days)[:16])
def test_days_are_only_ascii_digits(app: Flask, sign_in: Callable[..., Person], days: str) -> None:
    response = create_api_token(sign_in("alice"), days=days)
    assert response.status_code == 422
    assert "Enter a whole number from 1 to 365." in response.text
    with app.app_context():
        assert current_db().query(AuthSession).filter_by(kind="api").count() == 0


def test_a_token_cannot_make_tokens(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    token = token_in(create_api_token(sign_in("alice")))
    headers = {"Authorization": f"Bearer {token}"}
    data = {"name": "more", "days": "365", "confirm_password": PASSWORD}
    assert client.post("/account/tokens", headers=headers, data=data).status_code == 403


def test_a_change_of_roles_ends_every_session(app: Flask, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice, _ = sign_in("alice", ["admin"]), sign_in("bob", ["admin"])
    token = token_in(create_api_token(alice))
    with app.app_context(), write_transaction(current_db()):
        accounts.set_roles(current_db(), current_db().get_one(Account, alice.claims.subject), ["editor"])
    assert refused(client, alice.token)
    assert refused(client, token)


def test_an_account_is_deleted_with_its_password_and_never_comes_back(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], password_hash: str
) -> None:
    alice = sign_in("alice")
    assert alice.client.post("/account/delete", headers=PAGE, data={"password": "wrong"}).status_code == 401
    assert not refused(client, alice.token)
    response = alice.client.post("/account/delete", headers=PAGE, data={"password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/")
    assert alice.client.get_cookie("daypass") is None
    with app.app_context(), write_transaction(current_db()):
        accounts.create(current_db(), "alice", password_hash, reuse=True)
    assert refused(client, alice.token)
    with app.app_context():
        ended = current_db().get_one(AuthSession, alice.claims.session_id)
        assert (ended.account_id, ended.end_reason) == (None, "account_deleted")


def test_a_deleted_account_stays_out_in_a_process_that_starts_later(
    make_app: Callable[[], Flask], sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    alice.client.post("/account/delete", headers=PAGE, data={"password": PASSWORD})
    assert refused(make_app().test_client(), alice.token)


def test_sessions_that_ended_lately_are_listed_with_why(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    gone, _ = new_session(app, alice.claims.subject)
    old, _ = new_session(app, alice.claims.subject)
    with app.app_context(), write_transaction(current_db()):
        for claims, ago in ((gone, timedelta(hours=1)), (old, timedelta(days=8))):
            session = current_db().get_one(AuthSession, claims.session_id)
            session.ended_at, session.end_reason = datetime.now(UTC) - ago, "signed_out"
    assert listed(alice).count("by signing out") == 1


def test_a_session_that_has_just_ended_makes_no_token(
    app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends after the gate has let the request in and before the token is made."""
    alice = sign_in("alice")
    complete = api_tokens._is_complete

    def end_meanwhile(form: ApiTokenForm) -> bool:
        with app.app_context(), write_transaction(current_db()):
            lifecycle.end_all(current_db(), alice.claims.subject, "password_changed")
        return complete(form)

    monkeypatch.setattr(api_tokens, "_is_complete", end_meanwhile)
    assert create_api_token(alice).status_code == 401
    with app.app_context():
        assert current_db().query(AuthSession).filter_by(kind="api").count() == 0


@pytest.mark.parametrize("path", ["/account/sessions/%00/name", "/account/sessions/%00/end"])
def test_a_nul_is_the_requests_fault(sign_in: Callable[..., Person], path: str) -> None:
    assert sign_in("alice").client.post(path, headers=PAGE, data={"name": "a\0b"}).status_code in (400, 404)
