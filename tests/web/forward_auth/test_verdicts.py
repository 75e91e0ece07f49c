"""What a check opens, to whom, and what it tells and changes."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, Person
from tests.web.forward_auth.proxy_checks import ALICE, APP, LOGIN, NAVIGATING, NOBODY, Proxy, cookie, identity

Events = Callable[[], list[dict[str, str]]]
SCRIPT = {"Accept": "*/*", "Sec-Fetch-Mode": "cors"}


@pytest.mark.parametrize("target", ["/public", "/public/", "/public/a.html", "/public?x=1", "/public/?next=/staff"])
def test_a_public_page_is_open_to_everybody_and_still_tells_who_it_is(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, target: str
) -> None:
    anonymous, known = proxy.ask(client, target), proxy.ask(client, target, alice)
    assert (anonymous.status_code, identity(anonymous)) == (200, NOBODY)
    assert (known.status_code, identity(known)) == (200, ALICE)


def test_all_four_headers_are_there_and_say_who_it_is(
    client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy
) -> None:
    bob = sign_in("bob", ["staff", "admin"])
    answer = proxy.ask(client, "/staff", cookie(bob))
    assert answer.status_code == 200
    name, full_name, mail, roles = identity(answer)
    assert (name, full_name, mail, set((roles or "").split(","))) == ("bob", "bob", "", {"staff", "admin"})
    assert identity(proxy.ask(client, "/staff", bob.bearer_header)) == identity(answer)


def test_the_account_id_is_sent_too_and_is_empty_for_a_visitor_who_is_not_signed_in(
    client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy
) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    assert alice.claims.subject != bob.claims.subject
    for person in (alice, bob):
        for headers in (cookie(person), person.bearer_header):
            assert proxy.ask(client, "/public", headers).headers["Remote-Id"] == person.claims.subject
    assert proxy.ask(client, "/public").headers["Remote-Id"] == ""
    assert "Remote-Id" not in proxy.ask(client, "/").headers


@pytest.mark.parametrize("target", ["/", "/x", "/publicity", "/PUBLIC", "/staff", "/bob/x", "/x?y=/public"])
def test_a_closed_page_asks_to_sign_in(client: FlaskClient, proxy: Proxy, target: str) -> None:
    for headers in ({}, SCRIPT, {"Accept": "application/json"}, {"Authorization": "Basic YTpi"}):
        answer = proxy.ask(client, target, headers)
        assert answer.status_code == 401
        assert answer.location is None
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'
        assert identity(answer) == [None] * 4


@pytest.mark.parametrize("target", ["/staff", "/staff/x", "/bob"])
def test_somebody_whom_the_rules_leave_out_is_refused_and_not_sent_to_sign_in(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, target: str
) -> None:
    for headers in ({}, SCRIPT, NAVIGATING):
        answer = proxy.ask(client, target, alice | headers)
        assert (answer.status_code, answer.headers.get("Location"), identity(answer)) == (403, None, [None] * 4)


def test_the_method_is_that_of_the_request_and_not_of_the_check(client: FlaskClient, proxy: Proxy) -> None:
    told = {
        method: proxy.ask(client, "/public", method=method).status_code for method in ("GET", "HEAD", "POST", "PUT")
    }
    assert told == {"GET": 200, "HEAD": 200, "POST": 401, "PUT": 401}


def test_a_check_may_be_asked_by_any_method_from_any_page(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy
) -> None:
    for site in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        headers = proxy.headers("/x") | {"Host": "daypass"} | site
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            body = b"x" * 100_000 if method in ("POST", "PUT") else b""
            known = client.open(proxy.path, method=method, headers=headers | alice, data=body)
            unknown = client.open(proxy.path, method=method, headers=headers, data=body)
            assert (known.status_code, unknown.status_code) == (200, 401), method


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
def test_a_websocket_is_asked_for_like_a_page(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, scheme: str
) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13"}
    for headers in ({}, upgrade):
        assert proxy.ask(client, "/x", headers | alice, scheme=scheme).status_code == 200
        assert proxy.ask(client, "/x", headers, scheme=scheme).status_code == 401


def test_a_check_changes_nothing(app: Flask, client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy) -> None:
    """The session is due to be renewed and to be noted as seen, which any gated page would do."""
    bob = sign_in("bob", keep=True, age=timedelta(days=2))
    before = content(app)
    answer = proxy.ask(client, "/x", cookie(bob))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert content(app) == before
    assert "Set-Cookie" in client.get("/account", base_url=f"https://{LOGIN}", headers=PAGE | cookie(bob)).headers
    assert content(app) != before


def content(app: Flask) -> list[tuple[object, ...]]:
    with app.app_context():
        return [tuple(row) for row in current_db().execute(text("SELECT * FROM sessions ORDER BY id"))]


def test_no_answer_is_kept_or_sets_a_cookie(client: FlaskClient, alice: dict[str, str], proxy: Proxy) -> None:
    """Attack 20."""
    bad = {"Cookie": "__Secure-daypass=bad"}
    for headers in ({}, NAVIGATING, alice, alice | NAVIGATING, bad, bad | NAVIGATING):
        for target in ("/public", "/x", "/staff", "/../x"):
            answer = proxy.ask(client, target, headers)
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in answer.headers
            assert "Clear-Site-Data" not in answer.headers
            assert "Strict-Transport-Security" not in answer.headers  # it would hold for the app's host


def test_after_signing_out_the_next_request_is_refused(
    client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy
) -> None:
    alice = sign_in("alice")
    assert proxy.ask(client, "/x", cookie(alice)).status_code == 200
    answer = client.post("/logout", base_url=f"https://{LOGIN}", headers=PAGE | cookie(alice))
    assert answer.status_code == 303
    assert proxy.ask(client, "/x", cookie(alice)).status_code == 401
    assert identity(proxy.ask(client, "/public", cookie(alice))) == NOBODY


@pytest.mark.parametrize("command", [["disable", "bob"], ["roles", "bob"], ["delete", "bob", "--yes"]], ids=str)
def test_rights_end_with_the_account_and_the_role(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy, command: list[str]
) -> None:
    """Attack 19."""
    bob = cookie(sign_in("bob", ["staff"]))
    assert proxy.ask(client, "/staff", bob).status_code == 200
    assert app.test_cli_runner().invoke(args=["user", *command]).exit_code == 0
    assert proxy.ask(client, "/staff", bob).status_code == 401


def test_an_event_tells_who_was_refused_what(
    client: FlaskClient, alice: dict[str, str], events: Events, proxy: Proxy
) -> None:
    visitor = {"X-Forwarded-For": "198.51.100.7"}
    proxy.ask(client, "/x?secret=1", visitor)
    proxy.ask(client, "/staff", alice | visitor)
    proxy.ask(client, "/x", alice, host="elsewhere.example")
    first, second, third = events()
    assert (first["event"], first["host"], first["page"]) == ("token_refused", APP, "/x")
    assert (second["event"], second["page"], second["address"]) == ("page_refused", "/staff", "198.51.100.7")
    assert second["account"]
    assert (third["event"], third["host"], third["address"]) == ("page_refused", "elsewhere.example", "127.0.0.1")
    assert "secret" not in str(events())


class TestBroken:
    """Where the database, or the rules, cannot be asked."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_REVOCATION_GRACE": "0"}

    def test_without_the_database_only_public_pages_open_and_to_nobody(
        self, app: Flask, client: FlaskClient, alice: dict[str, str], proxy: Proxy
    ) -> None:
        with app.app_context():
            path = Path(current_runtime().engine.url.database or "")
            current_runtime().replica.close()
            current_runtime().engine.dispose()
        path.rename(path.with_suffix(".gone"))
        path.mkdir()
        try:
            closed, public = proxy.ask(client, "/x", alice), proxy.ask(client, "/public", alice)
            staff = proxy.ask(client, "/staff", alice | NAVIGATING)
        finally:
            path.rmdir()
            path.with_suffix(".gone").rename(path)
        assert (closed.status_code, staff.status_code) == (503, 503)
        assert (public.status_code, identity(public)) == (200, NOBODY)

    def test_without_rules_that_can_be_used_nothing_opens(
        self, client: FlaskClient, alice: dict[str, str], environ: dict[str, str], proxy: Proxy
    ) -> None:
        Path(environ["DAYPASS_RULES"]).write_text("[[rule]]\n")
        assert {proxy.ask(client, target, alice).status_code for target in ("/public", "/x")} == {503}


class TestWithoutRules:
    """Where there is no file of rules."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in environ.items() if name != "DAYPASS_RULES"}

    def test_no_host_is_named_and_every_one_refused(
        self, client: FlaskClient, alice: dict[str, str], proxy: Proxy
    ) -> None:
        for host in (APP, LOGIN, "example.org"):
            assert proxy.ask(client, "/", alice, host=host).status_code == 403
