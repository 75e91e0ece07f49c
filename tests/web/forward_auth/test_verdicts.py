"""What a check allows, the headers that it sends, and that it changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, request_started
from flask.testing import FlaskClient
from sqlalchemy import text

from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, Person
from tests.web.forward_auth.proxy_checks import ALICE, ANONYMOUS, APP, LOGIN, NAVIGATION, Proxy, cookie_header, identity

Events = Callable[[], list[dict[str, str]]]
SCRIPT = {"Accept": "*/*", "Sec-Fetch-Mode": "cors"}


@pytest.mark.parametrize("target", ["/public", "/public/", "/public/a.html", "/public?x=1", "/public/?next=/staff"])
def test_a_public_page_is_open_to_everybody_and_still_names_the_visitor(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, target: str
) -> None:
    anonymous, signed_in = proxy.check(client, target), proxy.check(client, target, alice)
    assert (anonymous.status_code, identity(anonymous)) == (200, ANONYMOUS)
    assert (signed_in.status_code, identity(signed_in)) == (200, ALICE)


def test_all_four_identity_headers_are_sent(client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy) -> None:
    bob = sign_in("bob", ["staff", "admin"])
    response = proxy.check(client, "/staff", cookie_header(bob))
    assert response.status_code == 200
    name, full_name, mail, roles = identity(response)
    assert (name, full_name, mail, set((roles or "").split(","))) == ("bob", "bob", "", {"staff", "admin"})
    assert identity(proxy.check(client, "/staff", bob.bearer_header)) == identity(response)


def test_the_account_id_is_sent_and_is_empty_for_an_anonymous_visitor(
    client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy
) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    assert alice.claims.subject != bob.claims.subject
    for person in (alice, bob):
        for headers in (cookie_header(person), person.bearer_header):
            assert proxy.check(client, "/public", headers).headers["Remote-Id"] == person.claims.subject
    assert proxy.check(client, "/public").headers["Remote-Id"] == ""
    assert "Remote-Id" not in proxy.check(client, "/").headers


@pytest.mark.parametrize("target", ["/", "/x", "/publicity", "/PUBLIC", "/staff", "/bob/x", "/x?y=/public"])
def test_a_closed_page_asks_to_sign_in(client: FlaskClient, proxy: Proxy, target: str) -> None:
    for headers in ({}, SCRIPT, {"Accept": "application/json"}, {"Authorization": "Basic YTpi"}):
        response = proxy.check(client, target, headers)
        assert response.status_code == 401
        assert response.location is None
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'
        assert identity(response) == [None] * 4


@pytest.mark.parametrize("target", ["/staff", "/staff/x", "/bob"])
def test_a_visitor_whom_the_rules_leave_out_is_not_asked_to_sign_in(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, target: str
) -> None:
    for headers in ({}, SCRIPT, NAVIGATION):
        response = proxy.check(client, target, alice | headers)
        assert (response.status_code, response.headers.get("Location"), identity(response)) == (403, None, [None] * 4)


def test_the_method_is_that_of_the_request_and_not_of_the_check(client: FlaskClient, proxy: Proxy) -> None:
    statuses = {
        method: proxy.check(client, "/public", method=method).status_code for method in ("GET", "HEAD", "POST", "PUT")
    }
    assert statuses == {"GET": 200, "HEAD": 200, "POST": 401, "PUT": 401}


def test_a_check_may_use_any_method_and_come_from_any_page(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy
) -> None:
    for site in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        headers = proxy.headers("/x") | {"Host": "daypass"} | site
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            body = b"x" * 100_000 if method in ("POST", "PUT") else b""
            signed_in = client.open(proxy.path, method=method, headers=headers | alice, data=body)
            anonymous = client.open(proxy.path, method=method, headers=headers, data=body)
            assert (signed_in.status_code, anonymous.status_code) == (200, 401), method


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
def test_a_websocket_is_checked_like_a_page(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, scheme: str
) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13"}
    for headers in ({}, upgrade):
        assert proxy.check(client, "/x", headers | alice, scheme=scheme).status_code == 200
        assert proxy.check(client, "/x", headers, scheme=scheme).status_code == 401


def test_a_check_changes_nothing(app: Flask, client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy) -> None:
    """A gated page would renew this session and update when it was last seen."""
    bob = sign_in("bob", keep=True, age=timedelta(days=2))
    before = session_rows(app)
    response = proxy.check(client, "/x", cookie_header(bob))
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    app.extensions["daypass"].activity.flush()
    assert session_rows(app) == before
    assert (
        "Set-Cookie" in client.get("/account", base_url=f"https://{LOGIN}", headers=PAGE | cookie_header(bob)).headers
    )
    assert session_rows(app) != before


def session_rows(app: Flask) -> list[tuple[object, ...]]:
    with app.app_context():
        return [tuple(row) for row in current_db().execute(text("SELECT * FROM sessions ORDER BY id"))]


def test_no_response_to_a_check_is_cached_or_sets_a_cookie(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy
) -> None:
    """Attack 20."""
    bad = {"Cookie": "__Secure-daypass=bad"}
    for headers in ({}, NAVIGATION, alice, alice | NAVIGATION, bad, bad | NAVIGATION):
        for target in ("/public", "/x", "/staff", "/../x"):
            response = proxy.check(client, target, headers)
            assert response.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in response.headers
            assert "Clear-Site-Data" not in response.headers
            assert "Strict-Transport-Security" not in response.headers  # it would hold for the app's host


def test_after_signing_out_the_next_request_is_refused(
    client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy
) -> None:
    alice = sign_in("alice")
    assert proxy.check(client, "/x", cookie_header(alice)).status_code == 200
    response = client.post("/logout", base_url=f"https://{LOGIN}", headers=PAGE | cookie_header(alice))
    assert response.status_code == 303
    assert proxy.check(client, "/x", cookie_header(alice)).status_code == 401
    assert identity(proxy.check(client, "/public", cookie_header(alice))) == ANONYMOUS


@pytest.mark.parametrize("command", [["disable", "bob"], ["roles", "bob"], ["delete", "bob", "--yes"]], ids=str)
def test_access_ends_with_the_account_and_the_role(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy, command: list[str]
) -> None:
    """Attack 19."""
    bob = cookie_header(sign_in("bob", ["staff"]))
    assert proxy.check(client, "/staff", bob).status_code == 200
    assert app.test_cli_runner().invoke(args=["user", *command]).exit_code == 0
    assert proxy.check(client, "/staff", bob).status_code == 401


def test_an_event_names_the_refused_visitor_and_page(
    client: FlaskClient, alice: dict[str, str], events: Events, proxy: Proxy
) -> None:
    visitor = {"X-Forwarded-For": "198.51.100.7"}
    proxy.check(client, "/x?secret=1", visitor)
    proxy.check(client, "/staff", alice | visitor)
    proxy.check(client, "/x", alice, host="elsewhere.example")
    first, second, third = events()
    assert (first["event"], first["host"], first["page"]) == ("token_refused", APP, "/x")
    assert (second["event"], second["page"], second["address"]) == ("page_refused", "/staff", "198.51.100.7")
    assert second["account"]
    assert (third["event"], third["host"], third["address"]) == ("page_refused", "elsewhere.example", "127.0.0.1")
    assert "secret" not in str(events())


class TestBroken:
    """With a database or rules that cannot be read."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_REVOCATION_GRACE": "0"}

    def test_without_the_database_only_public_pages_open_and_visitors_are_anonymous(
        self, app: Flask, client: FlaskClient, alice: dict[str, str], proxy: Proxy
    ) -> None:
        with app.app_context():
            path = Path(current_runtime().engine.url.database or "")
            current_runtime().replica.close()
            current_runtime().engine.dispose()
        path.rename(path.with_suffix(".gone"))
        path.mkdir()
        try:
            closed, public = proxy.check(client, "/x", alice), proxy.check(client, "/public", alice)
            staff = proxy.check(client, "/staff", alice | NAVIGATION)
        finally:
            path.rmdir()
            path.with_suffix(".gone").rename(path)
        assert (closed.status_code, staff.status_code) == (503, 503)
        assert (public.status_code, identity(public)) == (200, ANONYMOUS)

    def test_with_broken_rules_nothing_opens(
        self, client: FlaskClient, alice: dict[str, str], environ: dict[str, str], proxy: Proxy
    ) -> None:
        Path(environ["DAYPASS_RULES"]).write_text("[[rule]]\n")
        assert {proxy.check(client, target, alice).status_code for target in ("/public", "/x")} == {503}


class TestWithoutRules:
    """Without a rules file."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in environ.items() if name != "DAYPASS_RULES"}

    def test_every_host_is_refused(self, client: FlaskClient, alice: dict[str, str], proxy: Proxy) -> None:
        for host in (APP, LOGIN, "example.org"):
            assert proxy.check(client, "/", alice, host=host).status_code == 403


def test_a_check_does_not_pass_through_flask_unless_it_needs_an_error_page(
    app: Flask, client: FlaskClient, alice: dict[str, str], proxy: Proxy
) -> None:
    dispatched: list[Flask] = []
    with request_started.connected_to(dispatched.append, app):
        assert proxy.check(client, "/x", alice).status_code == 200
        assert proxy.check(client, "/public").status_code == 200
        assert proxy.check(client, "/x", NAVIGATION).status_code in (302, 401)
        assert dispatched == []
        assert proxy.check(client, "/staff", alice).status_code == 403
    assert dispatched == [app]
