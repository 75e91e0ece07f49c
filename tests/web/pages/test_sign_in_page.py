"""Signing in and signing out."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.accounts import accounts
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.settings.definitions import Settings
from daypass.tokens.claims import Token
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person, propagation_delay, verify_token

pytestmark = pytest.mark.each_database


Events = Callable[[], list[dict[str, str]]]
WRONG = "Wrong name or password."


def post_form(client: FlaskClient, **fields: str) -> TestResponse:
    return client.post("/login", headers=PAGE, data=fields)


def test_the_right_password_sets_the_cookie_for_a_day_and_goes_on(
    client: FlaskClient, add_account: Callable[..., str]
) -> None:
    add_account("alice")
    response = post_form(client, username="alice", password=PASSWORD, next="/members?x=1")
    assert (response.status_code, response.location) == (303, "/members?x=1")
    cookie = client.get_cookie("daypass")
    assert cookie
    assert (cookie.http_only, cookie.same_site, cookie.path, cookie.secure) == (True, "Lax", "/", False)
    three_days_more = 4 * 86_400
    assert cookie.max_age in (three_days_more - 2, three_days_more - 1)
    assert client.get("/members").status_code == 200


def test_a_token_is_valid_for_86400_seconds(app: Flask, client: FlaskClient, add_account: Callable[..., str]) -> None:
    add_account("alice")
    post_form(client, username="alice", password=PASSWORD)
    claims = read(app, client).claims
    assert claims.expires_at - claims.issued_at == timedelta(seconds=86_400)
    assert claims.purpose == "session"


def read(app: Flask, client: FlaskClient) -> Token:
    """The token that the client's cookie carries, verified."""
    cookie = client.get_cookie("daypass")
    assert cookie
    return verify_token(app, cookie.value)


@pytest.mark.parametrize(
    "username", ["alice", "nobody", "disabled", "no such name!", "", "a" * 10_000, "ali\x00ce", "' OR 1=1 --"]
)
def test_every_failure_has_the_same_response(
    app: Flask, client: FlaskClient, add_account: Callable[..., str], username: str
) -> None:
    add_account("alice")
    disabled = add_account("disabled")
    with app.app_context(), write_transaction(current_db()):
        accounts.disable(current_db(), current_db().get_one(Account, disabled))
    password = "not it" if username == "alice" else PASSWORD
    response = post_form(client, username=username, password=password)
    assert response.status_code == 401
    assert WRONG in response.text
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'
    assert "Set-Cookie" not in response.headers
    assert password not in response.text


@pytest.mark.parametrize(
    "password", ["", PASSWORD + " ", " " + PASSWORD, PASSWORD.upper(), PASSWORD[:-1], "x" * 5000, "\x00"]
)
def test_only_the_exact_password_is_accepted(
    client: FlaskClient, add_account: Callable[..., str], password: str
) -> None:
    add_account("alice")
    assert post_form(client, username="alice", password=password).status_code == 401


def test_an_empty_form_is_a_wrong_one(client: FlaskClient) -> None:
    assert post_form(client, username="", password="").status_code == 401
    assert (
        client.post("/login", headers=PAGE, data=b"", content_type="application/x-www-form-urlencoded").status_code
        == 401
    )


def test_a_megabyte_is_not_read(client: FlaskClient) -> None:
    body = BytesIO(b"username=alice&password=" + b"x" * 1_000_000)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body.getvalue()))}
    assert client.post("/login", headers=PAGE | form, input_stream=body).status_code == 413
    assert body.tell() == 0


def test_a_failed_form_keeps_the_name_and_the_return_url_and_not_the_password(client: FlaskClient) -> None:
    page = post_form(client, username="<alice>", password="hunter2!", next="/members").text
    assert 'value="&lt;alice&gt;"' in page
    assert 'value="/members"' in page
    assert "hunter2!" not in page


@pytest.mark.parametrize("username", ["Alice", "ALICE", " alice "])
def test_a_name_is_compared_without_case_and_surrounding_space(
    client: FlaskClient, add_account: Callable[..., str], username: str
) -> None:
    add_account("alice")
    assert post_form(client, username=username, password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "/login",
     "/logout", "/login?next=/members", "/x\r\nSet-Cookie: a=b", "http://[::1", "@evil.example", ""],
)  # fmt: skip
def test_no_return_url_leaves_the_site_or_loops(
    client: FlaskClient, add_account: Callable[..., str], target: str
) -> None:
    add_account("alice")
    response = post_form(client, username="alice", password=PASSWORD, next=target)
    assert (response.status_code, response.location) == (303, "/")


def test_signing_in_again_ends_the_session_that_the_browser_held(
    client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    response = post_form(alice.client, username="alice", password=PASSWORD)
    assert response.status_code == 303
    assert client.get("/members", headers=alice.bearer_header).status_code == 401
    assert alice.client.get("/members").status_code == 200


def test_a_failed_sign_in_leaves_the_session_that_the_browser_held(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    assert post_form(alice.client, username="alice", password="wrong").status_code == 401
    assert alice.client.get("/members").status_code == 200


def test_a_program_gets_its_token_as_json_and_no_cookie(client: FlaskClient, add_account: Callable[..., str]) -> None:
    add_account("alice")
    response = client.post("/login", json={"username": "alice", "password": PASSWORD})
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert response.json is not None
    assert set(response.json) == {"token", "expires_at"}
    left = datetime.fromisoformat(response.json["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=86_390) < left <= timedelta(days=1)
    assert client.get("/members", headers={"Authorization": f"Bearer {response.json['token']}"}).status_code == 200


def test_a_program_with_a_wrong_password_gets_a_problem(client: FlaskClient, add_account: Callable[..., str]) -> None:
    add_account("alice")
    response = client.post("/login", json={"username": "alice", "password": "wrong"})
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert response.json is not None
    assert response.json["detail"] == WRONG


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b'{"username": "alice"}', b'{"username": 1, "password": true}', b"\xff", b"[" * 5000],
)
def test_json_of_another_shape_is_refused(client: FlaskClient, body: bytes) -> None:
    response = client.post("/login", data=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("text", ["\ud800", "\udfff" * 8, "a\x00b"])
def test_text_that_is_not_unicode_is_a_wrong_password(
    client: FlaskClient, add_account: Callable[..., str], text: str
) -> None:
    add_account("alice")
    for fields in ({"username": "alice", "password": text}, {"username": text, "password": PASSWORD}):
        assert client.post("/login", json=fields).status_code == 401


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", ""])
def test_a_body_of_another_type_is_not_read(client: FlaskClient, media_type: str) -> None:
    body = b'{"username": "alice", "password": "x"}'
    assert client.post("/login", data=body, headers={"Content-Type": media_type}).status_code == 415


ASKS_FOR_JSON = {"Accept": "application/json"}


def test_a_script_that_sends_the_form_and_asks_for_json_gets_the_cookie_and_json(
    client: FlaskClient, add_account: Callable[..., str]
) -> None:
    add_account("alice")
    form = {"username": "alice", "password": PASSWORD, "next": "/members"}
    response = client.post("/login", headers=ASKS_FOR_JSON, data=form)
    assert (response.status_code, response.mimetype) == (200, "application/json")
    me = client.get("/api/me").get_json()
    assert response.get_json() == {"name": "alice", "expires_at": me["expires_at"], "location": "/members"}
    cookie = client.get_cookie("daypass")
    assert cookie and cookie.value not in response.text


def test_a_script_that_asks_for_json_gets_a_problem_for_a_wrong_password(
    client: FlaskClient, add_account: Callable[..., str]
) -> None:
    add_account("alice")
    response = client.post("/login", headers=ASKS_FOR_JSON, data={"username": "alice", "password": "not it"})
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert (response.get_json()["detail"], "Set-Cookie" in response.headers) == (WRONG, False)


@pytest.mark.parametrize("accept", ["*/*", "text/html, application/json;q=0.9", ""])
def test_a_form_that_does_not_prefer_json_is_redirected(
    client: FlaskClient, add_account: Callable[..., str], accept: str
) -> None:
    add_account("alice")
    form = {"username": "alice", "password": PASSWORD}
    assert client.post("/login", headers={"Accept": accept}, data=form).status_code == 303


@pytest.mark.parametrize("path", ["/members", "/account", "/admin"])
def test_a_refusal_is_a_problem_for_those_who_ask_for_json(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=ASKS_FOR_JSON)
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert response.get_json()["detail"] == "Sign in to see this page."


def test_signing_out_has_no_page_for_those_who_ask_for_json(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    response = alice.client.post("/logout", headers=ASKS_FOR_JSON | {"Sec-Fetch-Site": "same-origin"})
    assert (response.status_code, response.text, alice.client.get_cookie("daypass")) == (204, "", None)


def test_sign_out_ends_the_session_in_every_process(
    make_app: Callable[[], Flask], client: FlaskClient, sign_in: Callable[..., Person], settings: Settings
) -> None:
    alice, other = sign_in("alice"), make_app().test_client()
    assert other.get("/members", headers=alice.bearer_header).status_code == 200
    response = alice.client.post("/logout", headers=PAGE)
    assert (response.status_code, response.location) == (303, "/")
    assert alice.client.get_cookie("daypass") is None
    for elsewhere in (client, make_app().test_client()):
        assert elsewhere.get("/members", headers=alice.bearer_header).status_code == 401
    time.sleep(propagation_delay(settings))
    assert other.get("/members", headers=alice.bearer_header).status_code == 401


def test_sign_out_without_a_session_is_no_error(client: FlaskClient) -> None:
    assert client.post("/logout", headers=PAGE).status_code == 303


def test_the_session_records_account_address_and_browser(
    app: Flask, client: FlaskClient, add_account: Callable[..., str]
) -> None:
    alice = add_account("alice")
    client.post(
        "/login", headers=PAGE | {"User-Agent": "<script>" * 100}, data={"username": "alice", "password": PASSWORD}
    )
    with app.app_context():
        (session,) = current_db().query(AuthSession).all()
        assert (session.account_id, session.address, session.kind) == (alice, "127.0.0.1", "browser")
        assert session.user_agent == ("<script>" * 100)[:256]


def test_each_event_is_logged_without_secrets(
    client: FlaskClient, add_account: Callable[..., str], events: Events
) -> None:
    alice = add_account("alice")
    post_form(client, username="alice", password="not-the-password")
    post_form(client, username="alice", password=PASSWORD)
    cookie = client.get_cookie("daypass")
    client.post("/logout", headers=PAGE)
    logged = [(line["event"], line["outcome"], line["account"]) for line in events()]
    assert logged == [("sign_in", "failure", alice), ("sign_in", "success", alice), ("sign_out", "success", alice)]
    assert cookie
    for secret in (PASSWORD, "not-the-password", cookie.value, cookie.value.rpartition(".")[2]):
        assert secret not in str(events())


class TestUnderHttps:
    """With a base URL of https."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_BASE_URL": "https://login.example.org"}

    def test_the_cookie_is_bound_to_the_host(self, client: FlaskClient, add_account: Callable[..., str]) -> None:
        add_account("alice")
        headers = PAGE | {"Host": "login.example.org"}
        response = client.post("/login", headers=headers, data={"username": "alice", "password": PASSWORD})
        name, _, attributes = response.headers["Set-Cookie"].partition("=")
        assert name == "__Host-daypass"
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes.split("; "))
        assert "Domain" not in attributes
        gone = client.post("/logout", headers=headers).headers["Set-Cookie"]
        assert gone.startswith("__Host-daypass=;")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(gone.split("; "))
