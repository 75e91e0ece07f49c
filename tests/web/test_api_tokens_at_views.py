"""Which views of the URL map API tokens open, and on which hosts."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from daypass.database.models import AuthSession
from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.api_tokens import OWN, new_api_token
from tests.helpers.gated_routes import gated_routes
from tests.helpers.tokens import bearer_header

FOR_PROGRAMS = {"/members", "/api/me"}
ALL_FIELDS = {
    "current": PASSWORD,
    "new": "violet anchor 9 calm harbour",
    "password": PASSWORD,
    "confirm_password": PASSWORD,
    "name": "mine",
    "days": "365",
    "roles": "admin",
    "hosts": OWN,
    "algorithm": "HS256",
    "username": "alice",
    "token": "x",
}


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice", ["admin"])


@pytest.fixture
def token(app: Flask, alice: Person) -> str:
    """An API token with the most rights: the role admin, for Daypass's own host."""
    return new_api_token(app, alice.claims.subject, [OWN], ["admin"])[1]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def path_of(rule: str, session_id: str) -> str:
    """A path of this rule, with the program's own session as each variable."""
    return re.sub(r"<[^>]+>", session_id, rule)


def problem(response: TestResponse) -> str:
    """The message of a refusal for insufficient scope (RFC 6750 section 3.1)."""
    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
    message: str = response.get_json()["detail"]
    challenge = f'Bearer realm="Daypass", error="insufficient_scope", error_description="{message}"'
    assert response.headers["WWW-Authenticate"] == challenge
    assert "Set-Cookie" not in response.headers
    return message


@pytest.mark.each_database
def test_an_api_token_opens_the_views_for_programs_and_no_other(app: Flask, client: FlaskClient, alice: Person) -> None:
    claims, token = new_api_token(app, alice.claims.subject, [OWN], ["admin"])
    opened = set()
    for rule, method in gated_routes(app):
        path = path_of(rule, claims.session_id)
        response = client.open(path, method=method, headers=bearer_header(token), data=ALL_FIELDS)
        assert "Set-Cookie" not in response.headers, rule
        if response.status_code == 403:
            assert problem(response) == "This page does not allow API tokens."
        else:
            opened.add((rule, response.status_code))
    assert opened == {(rule, 200) for rule in FOR_PROGRAMS}
    with app.app_context():
        assert {(session.kind, session.name) for session in current_db().query(AuthSession)} == {
            ("browser", ""),
            ("api", "nightly"),
        }
        assert {session.end_reason for session in current_db().query(AuthSession)} == {None}


def test_the_views_for_programs_are_marked_as_such(app: Flask) -> None:
    marked = {
        rule for rule, _ in gated_routes(app) if getattr(app.view_functions[endpoint(app, rule)], "api_tokens", None)
    }
    assert marked == FOR_PROGRAMS


def endpoint(app: Flask, path: str) -> str:
    return next(str(rule.endpoint) for rule in app.url_map.iter_rules() if rule.rule == path)


def test_no_response_to_an_api_token_sets_a_cookie(app: Flask, client: FlaskClient, alice: Person) -> None:
    """For every route and method, as a program or a browser would request it."""
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS"}:
            for headers in ({}, PAGE, {"Content-Type": "application/json"}):
                claims, token = new_api_token(app, alice.claims.subject, [OWN], ["admin"])
                path = path_of(rule.rule, claims.session_id)
                data = None if "Content-Type" in headers else ALL_FIELDS | {"password": "wrong"}
                response = client.open(path, method=method, headers=headers | bearer_header(token), data=data)
                assert "Set-Cookie" not in response.headers, (rule.rule, method)


def test_an_api_token_cannot_change_the_password(client: FlaskClient, token: str) -> None:
    form = {"current": PASSWORD, "new": "violet anchor 9 calm harbour"}
    problem(client.post("/account/password", headers=bearer_header(token), data=form))
    assert client.post("/login", json={"username": "alice", "password": PASSWORD}).status_code == 200


def test_signing_out_ends_the_tokens_own_session_and_no_other(client: FlaskClient, alice: Person, token: str) -> None:
    response = client.post("/logout", headers=bearer_header(token))
    assert (response.status_code, "Set-Cookie" in response.headers) == (204, False)
    assert client.get("/members", headers=bearer_header(token)).status_code == 401
    assert client.get("/members", headers=alice.bearer_header).status_code == 200


def test_on_open_pages_an_api_token_is_ignored(client: FlaskClient, alice: Person, token: str) -> None:
    assert "alice" in client.get("/", headers=alice.bearer_header).text
    assert "alice" not in client.get("/", headers=bearer_header(token)).text


def test_signing_in_with_an_api_token_leaves_that_token_valid(client: FlaskClient, alice: Person, token: str) -> None:
    form = {"username": "alice", "password": PASSWORD}
    assert client.post("/login", headers=bearer_header(token), data=form).status_code == 303
    assert client.get("/members", headers=bearer_header(token)).status_code == 200


def test_a_session_that_signed_in_by_json_stays_a_full_session(client: FlaskClient, alice: Person) -> None:
    signed_in = client.post("/login", json={"username": "alice", "password": PASSWORD}).get_json()
    headers = bearer_header(signed_in["token"])
    statuses = [
        client.get(path, headers=headers).status_code
        for path in ("/members", "/api/me", "/account", "/account/sessions", "/lab", "/admin", "/admin/keys")
    ]
    assert set(statuses) == {200}


def test_a_refusal_is_logged_with_its_account_and_reason(
    app: Flask, client: FlaskClient, alice: Person, token: str, events: Callable[[], list[dict[str, str]]]
) -> None:
    client.get("/account", headers=bearer_header(token))
    elsewhere = new_api_token(app, alice.claims.subject, ["app.example.org"])[1]
    client.get("/members", headers=bearer_header(elsewhere))
    logged = [(event["event"], event["outcome"], event["account"], event["reason"]) for event in events()]
    assert logged == [
        ("api_token_refused", "failure", alice.claims.subject, "this page does not allow API tokens"),
        ("api_token_refused", "failure", alice.claims.subject, f"the token is not valid for {OWN}"),
    ]


def test_a_browser_gets_the_same_message_as_a_page(client: FlaskClient, token: str) -> None:
    response = client.get("/account", headers=PAGE | bearer_header(token))
    assert (response.status_code, response.mimetype) == (403, "text/html")
    assert "This page does not allow API tokens." in response.text
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


class TestHosts:
    """The hosts of a token."""

    @pytest.mark.each_database
    @pytest.mark.parametrize(
        ("hosts", "status"),
        [([OWN], 200), ([OWN, "app.example.org"], 200), (None, 200), (["app.example.org"], 403)],
        ids=str,
    )
    def test_a_token_opens_daypass_own_pages_only_if_it_is_for_daypass_own_host(
        self, app: Flask, client: FlaskClient, alice: Person, hosts: list[str] | None, status: int
    ) -> None:
        """None: a token without hosts is an old one, which is for Daypass's own host."""
        token = new_api_token(app, alice.claims.subject, hosts)[1]
        for path in FOR_PROGRAMS:
            response = client.get(path, headers=bearer_header(token))
            assert response.status_code == status
            if status == 403:
                assert problem(response) == f"This API token is not valid for the host {OWN}."

    @pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.0.0.1:8000", "localhost:1"])
    def test_all_loopback_names_are_one_host(self, client: FlaskClient, token: str, name: str) -> None:
        assert client.get("/members", headers=bearer_header(token) | {"Host": name}).status_code == 200

    def test_the_scope_costs_no_query(self, app: Flask, client: FlaskClient, token: str) -> None:
        client.get("/members", headers=bearer_header(token))
        statements: list[str] = []
        with app.app_context():
            event.listen(current_runtime().engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert client.get("/members", headers=bearer_header(token)).status_code == 200
        assert client.get("/account", headers=bearer_header(token)).status_code == 403
        assert statements == []


class TestMe:
    """`GET /api/me`, with which a program tests its token."""

    @pytest.mark.each_database
    def test_a_program_gets_the_identity_of_its_token(self, app: Flask, client: FlaskClient, alice: Person) -> None:
        claims, token = new_api_token(app, alice.claims.subject, [OWN, "app.example.org"], ["admin"])
        response = client.get("/api/me", headers=bearer_header(token))
        assert (response.status_code, response.mimetype) == (200, "application/json")
        assert response.headers["Cache-Control"] == "no-store"
        assert response.get_json() == {
            "id": alice.claims.subject,
            "name": "alice",
            "roles": ["admin"],
            "purpose": "api",
            "hosts": [OWN, "app.example.org"],
            "expires_at": f"{claims.expires_at:%Y-%m-%dT%H:%M:%SZ}",
            "session": claims.session_id,
        }

    def test_a_session_has_no_scope(self, client: FlaskClient, alice: Person) -> None:
        body = client.get("/api/me", headers=alice.bearer_header).get_json()
        assert (body["purpose"], body["hosts"], body["session"]) == ("session", None, alice.claims.session_id)
        assert alice.client.get("/api/me").get_json() == body

    def test_an_old_token_without_hosts_is_for_daypass_own_host(
        self, app: Flask, client: FlaskClient, alice: Person
    ) -> None:
        token = new_api_token(app, alice.claims.subject)[1]
        assert client.get("/api/me", headers=bearer_header(token)).get_json()["hosts"] == [OWN]

    @pytest.mark.parametrize("headers", [{}, PAGE, {"Accept": "text/html"}, {"Sec-Fetch-Mode": "cors"}], ids=str)
    def test_every_refusal_is_a_problem_even_for_browsers(
        self, app: Flask, client: FlaskClient, alice: Person, headers: dict[str, str]
    ) -> None:
        elsewhere = new_api_token(app, alice.claims.subject, ["app.example.org"])[1]
        anonymous, forged = (client.get("/api/me", headers=headers | more) for more in ({}, bearer_header("a.b.c")))
        assert {response.mimetype for response in (anonymous, forged)} == {"application/problem+json"}
        assert (anonymous.status_code, anonymous.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Daypass"')
        assert (forged.status_code, 'error="invalid_token"' in forged.headers["WWW-Authenticate"]) == (401, True)
        problem(client.get("/api/me", headers=headers | bearer_header(elsewhere)))

    @pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/nothing", 404), ("PUT", "/api/me", 405)])
    def test_an_unknown_api_path_or_method_is_a_problem_too(
        self, client: FlaskClient, method: str, path: str, status: int
    ) -> None:
        response = client.open(path, method=method, headers=PAGE)
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")

    def test_it_can_only_be_read(self, client: FlaskClient, token: str) -> None:
        assert {client.open("/api/me", method=method, headers=bearer_header(token)).status_code for method in
                ("POST", "PUT", "PATCH", "DELETE")} == {405}  # fmt: skip


def test_a_response_of_the_api_does_not_contain_the_token(app: Flask, alice: Person) -> None:
    """The token, which is HttpOnly in a browser, is not in the response."""
    with app.app_context():
        name = current_runtime().settings.cookie_name
    response = alice.client.get("/api/me")
    assert alice.token not in response.text
    assert name not in response.headers.get("Set-Cookie", "")
