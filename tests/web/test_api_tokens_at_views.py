"""Which views API tokens open, seen over the whole URL map; and on which hosts."""

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
from tests.helpers.api_tokens import OWN, bearer, new_api_token
from tests.web.test_gated_routes import gated_routes

FOR_PROGRAMS = {"/members", "/api/me"}
EVERYTHING = {
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
    """An API token of an admin, with that role and for Daypass's own host: the most that there can be."""
    return new_api_token(app, alice.claims.subject, [OWN], ["admin"])[1]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def filled(rule: str, session_id: str) -> str:
    """A path of this rule: the program's own session wherever one is to be named."""
    return re.sub(r"<[^>]+>", session_id, rule)


def problem(answer: TestResponse) -> str:
    """The sentence of a refusal for insufficient scope, which must be whole (RFC 6750 section 3.1)."""
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    message: str = answer.get_json()["detail"]
    challenge = f'Bearer realm="Daypass", error="insufficient_scope", error_description="{message}"'
    assert answer.headers["WWW-Authenticate"] == challenge
    assert "Set-Cookie" not in answer.headers
    return message


@pytest.mark.each_database
def test_an_api_token_opens_the_views_for_programs_and_no_other(app: Flask, client: FlaskClient, alice: Person) -> None:
    claims, token = new_api_token(app, alice.claims.subject, [OWN], ["admin"])
    opened = set()
    for rule, method in gated_routes(app):
        path = filled(rule, claims.session_id)
        answer = client.open(path, method=method, headers=bearer(token), data=EVERYTHING)
        assert "Set-Cookie" not in answer.headers, rule
        if answer.status_code == 403:
            assert problem(answer) == "This page does not allow API tokens."
        else:
            opened.add((rule, answer.status_code))
    assert opened == {(rule, 200) for rule in FOR_PROGRAMS}
    with app.app_context():
        assert {(one.kind, one.name) for one in current_db().query(AuthSession)} == {
            ("browser", ""),
            ("api", "nightly"),
        }
        assert {one.end_reason for one in current_db().query(AuthSession)} == {None}


def test_the_views_say_themselves_whether_programs_may_come_in(app: Flask) -> None:
    said = {
        rule for rule, _ in gated_routes(app) if getattr(app.view_functions[endpoint(app, rule)], "api_tokens", None)
    }
    assert said == FOR_PROGRAMS


def endpoint(app: Flask, path: str) -> str:
    return next(str(rule.endpoint) for rule in app.url_map.iter_rules() if rule.rule == path)


def test_no_answer_to_an_api_token_sets_a_cookie(app: Flask, client: FlaskClient, alice: Person) -> None:
    """Of any route, gated or open, as a program or as a browser would ask; signing out among them."""
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS"}:
            for headers in ({}, PAGE, {"Content-Type": "application/json"}):
                claims, token = new_api_token(app, alice.claims.subject, [OWN], ["admin"])
                path = filled(rule.rule, claims.session_id)
                data = None if "Content-Type" in headers else EVERYTHING | {"password": "wrong"}
                answer = client.open(path, method=method, headers=headers | bearer(token), data=data)
                assert "Set-Cookie" not in answer.headers, (rule.rule, method)


def test_an_api_token_changes_no_password_and_makes_no_session(client: FlaskClient, token: str) -> None:
    form = {"current": PASSWORD, "new": "violet anchor 9 calm harbour"}
    problem(client.post("/account/password", headers=bearer(token), data=form))
    assert client.post("/login", json={"username": "alice", "password": PASSWORD}).status_code == 200


def test_signing_out_ends_the_tokens_own_session_and_no_other(client: FlaskClient, alice: Person, token: str) -> None:
    answer = client.post("/logout", headers=bearer(token))
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (204, False)
    assert client.get("/members", headers=bearer(token)).status_code == 401
    assert client.get("/members", headers=alice.bearer).status_code == 200


def test_on_open_pages_an_api_token_counts_as_nobody(client: FlaskClient, alice: Person, token: str) -> None:
    assert "alice" in client.get("/", headers=alice.bearer).text
    assert "alice" not in client.get("/", headers=bearer(token)).text


def test_signing_in_beside_an_api_token_leaves_that_token_alone(client: FlaskClient, alice: Person, token: str) -> None:
    form = {"username": "alice", "password": PASSWORD}
    assert client.post("/login", headers=bearer(token), data=form).status_code == 303
    assert client.get("/members", headers=bearer(token)).status_code == 200


def test_a_session_that_signed_in_by_json_stays_a_full_session(client: FlaskClient, alice: Person) -> None:
    signed_in = client.post("/login", json={"username": "alice", "password": PASSWORD}).get_json()
    headers = bearer(signed_in["token"])
    statuses = [
        client.get(path, headers=headers).status_code
        for path in ("/members", "/api/me", "/account", "/account/sessions", "/lab", "/admin", "/admin/keys")
    ]
    assert set(statuses) == {200}


def test_a_refusal_is_one_line_that_says_which_account_and_why(
    app: Flask, client: FlaskClient, alice: Person, token: str, events: Callable[[], list[dict[str, str]]]
) -> None:
    client.get("/account", headers=bearer(token))
    elsewhere = new_api_token(app, alice.claims.subject, ["app.example.org"])[1]
    client.get("/members", headers=bearer(elsewhere))
    told = [(event["event"], event["outcome"], event["account"], event["reason"]) for event in events()]
    assert told == [
        ("api_token_refused", "failure", alice.claims.subject, "this page does not allow API tokens"),
        ("api_token_refused", "failure", alice.claims.subject, f"the token is not valid for {OWN}"),
    ]


def test_a_browser_that_shows_a_refusal_is_told_the_same_sentence(client: FlaskClient, token: str) -> None:
    answer = client.get("/account", headers=PAGE | bearer(token))
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "This page does not allow API tokens." in answer.text
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


class TestHosts:
    """The hosts that a token is for."""

    @pytest.mark.each_database
    @pytest.mark.parametrize(
        ("hosts", "status"),
        [([OWN], 200), ([OWN, "app.example.org"], 200), (None, 200), (["app.example.org"], 403)],
        ids=str,
    )
    def test_a_token_opens_our_own_pages_only_if_it_is_for_our_own_host(
        self, app: Flask, client: FlaskClient, alice: Person, hosts: list[str] | None, status: int
    ) -> None:
        """None: a token from before there were hosts counts for Daypass's own."""
        token = new_api_token(app, alice.claims.subject, hosts)[1]
        for path in FOR_PROGRAMS:
            answer = client.get(path, headers=bearer(token))
            assert answer.status_code == status
            if status == 403:
                assert problem(answer) == f"This API token is not valid for the host {OWN}."

    @pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.0.0.1:8000", "localhost:1"])
    def test_the_names_of_loopback_are_one_host(self, client: FlaskClient, token: str, name: str) -> None:
        assert client.get("/members", headers=bearer(token) | {"Host": name}).status_code == 200

    def test_the_scope_costs_no_query(self, app: Flask, client: FlaskClient, token: str) -> None:
        client.get("/members", headers=bearer(token))
        asked: list[str] = []
        with app.app_context():
            event.listen(current_runtime().engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        assert client.get("/members", headers=bearer(token)).status_code == 200
        assert client.get("/account", headers=bearer(token)).status_code == 403
        assert asked == []


class TestMe:
    """`GET /api/me`: a program tests its token with one request."""

    @pytest.mark.each_database
    def test_a_program_is_told_who_its_token_is(self, app: Flask, client: FlaskClient, alice: Person) -> None:
        claims, token = new_api_token(app, alice.claims.subject, [OWN, "app.example.org"], ["admin"])
        answer = client.get("/api/me", headers=bearer(token))
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.get_json() == {
            "name": "alice",
            "roles": ["admin"],
            "purpose": "api",
            "hosts": [OWN, "app.example.org"],
            "expires_at": f"{claims.expires_at:%Y-%m-%dT%H:%M:%SZ}",
            "session": claims.session_id,
        }

    def test_a_session_has_no_scope(self, client: FlaskClient, alice: Person) -> None:
        told = client.get("/api/me", headers=alice.bearer).get_json()
        assert (told["purpose"], told["hosts"], told["session"]) == ("session", None, alice.claims.session_id)
        assert alice.client.get("/api/me").get_json() == told

    def test_a_token_from_before_there_were_hosts_is_told_what_it_counts_for(
        self, app: Flask, client: FlaskClient, alice: Person
    ) -> None:
        token = new_api_token(app, alice.claims.subject)[1]
        assert client.get("/api/me", headers=bearer(token)).get_json()["hosts"] == [OWN]

    @pytest.mark.parametrize("headers", [{}, PAGE, {"Accept": "text/html"}, {"Sec-Fetch-Mode": "cors"}], ids=str)
    def test_every_refusal_is_a_problem_whoever_asks(
        self, app: Flask, client: FlaskClient, alice: Person, headers: dict[str, str]
    ) -> None:
        elsewhere = new_api_token(app, alice.claims.subject, ["app.example.org"])[1]
        nobody, forged = (client.get("/api/me", headers=headers | more) for more in ({}, bearer("a.b.c")))
        assert {one.mimetype for one in (nobody, forged)} == {"application/problem+json"}
        assert (nobody.status_code, nobody.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Daypass"')
        assert (forged.status_code, 'error="invalid_token"' in forged.headers["WWW-Authenticate"]) == (401, True)
        problem(client.get("/api/me", headers=headers | bearer(elsewhere)))

    @pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/nothing", 404), ("PUT", "/api/me", 405)])
    def test_what_the_api_does_not_have_is_a_problem_too(
        self, client: FlaskClient, method: str, path: str, status: int
    ) -> None:
        answer = client.open(path, method=method, headers=PAGE)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")

    def test_it_can_only_be_read(self, client: FlaskClient, token: str) -> None:
        assert {client.open("/api/me", method=method, headers=bearer(token)).status_code for method in
                ("POST", "PUT", "PATCH", "DELETE")} == {405}  # fmt: skip


def test_an_answer_of_the_api_names_nothing_but_what_the_token_says(app: Flask, alice: Person) -> None:
    """The token itself, which is HttpOnly in a browser, is in none of it."""
    with app.app_context():
        name = current_runtime().settings.cookie_name
    answer = alice.client.get("/api/me")
    assert alice.token not in answer.text
    assert name not in answer.headers.get("Set-Cookie", "")
