"""A token appears in its cookie only, not in logs, pages, URLs or storage."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from daypass.keys.algorithms import Algorithm
from daypass.web import gate
from tests.conftest import PAGE, close_app, new_session, verify_token
from tests.helpers.factories import add_sessions, app_on_database_of
from tests.helpers.keys import rotate_keys
from tests.helpers.project import ROOT
from tests.helpers.server import running
from tests.helpers.tokens import bearer_header
from tests.security.forging import ALGORITHMS
from tests.security.target_app import CARRIERS, PROGRAM, Carrier, TargetApp, as_cookie

pytestmark = pytest.mark.row(70)

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
STORES = (
    r"localStorage|sessionStorage|indexedDB|document\.cookie|cookieStore|caches\b|pushState|replaceState|sendBeacon"
)
LENGTH = 16  # characters of a signature that do not match by chance


def contains_token(text: str, token: str) -> bool:
    """Whether the text contains a part of the token's signature."""
    signature = token.rpartition(".")[2]
    return any(signature[at : at + LENGTH] in text for at in range(0, len(signature) - LENGTH + 1, LENGTH // 2))


@pytest.fixture
def app(target_app: TargetApp) -> Iterator[Flask]:
    """Another process of the app, with an additional page that fails."""

    def fail() -> str:
        raise RuntimeError("an unexpected error")

    app = target_app.another_process()
    app.add_url_rule("/fault", view_func=gate.token_required(fail))
    yield app
    close_app(app)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """A function that returns everything logged so far, at every level."""
    events = logging.getLogger("daypass.events")
    caplog.set_level(logging.DEBUG)
    events.addHandler(caplog.handler)
    yield lambda: caplog.text
    events.removeHandler(caplog.handler)


def readable_paths(app: Flask) -> list[str]:
    """The path of every GET route, and two paths that do not exist."""
    found = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments}
    return sorted(found | {"/nowhere", "/static/daypass.js"})


def every_response(app: Flask, environ: dict[str, str], headers: dict[str, str]) -> list[TestResponse]:
    """The responses to these credentials on all pages and to failing requests."""
    client = app.test_client(use_cookies=False)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    options: dict[str, Any] = {"environ_overrides": environ, "buffered": True}
    responses = [client.get(path, headers=headers, **options) for path in readable_paths(app)]
    wrong = [
        client.post("/members", headers=headers | SAME_ORIGIN, **options),
        client.post("/account/password", headers=headers | {"Sec-Fetch-Site": "cross-site"}, **options),
        client.post("/account/password", headers=headers | SAME_ORIGIN, **options, data={"new": "x" * 70_000}),
        client.post("/account/password", headers=headers | SAME_ORIGIN, **options, data={"new": "short"}),
        client.post("/account/sessions/none/end", headers=headers | SAME_ORIGIN, **options),
    ]
    return responses + wrong


@pytest.mark.parametrize("headers", [PROGRAM, PAGE], ids=["program", "browser"])
@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_no_page_header_or_log_holds_the_token_that_was_sent(
    target_app: TargetApp, app: Flask, logged: Callable[[], str], carrier: Carrier, headers: dict[str, str]
) -> None:
    statuses = set()
    for token in (target_app.target.token, target_app.target.admin_token, with_wrong_signature(target_app)):
        for response in every_response(app, carrier(token), headers):
            statuses.add(response.status_code)
            assert not contains_token(response.text, token), response.request.path
            assert not contains_token(str(response.headers), token), response.request.path
            assert response.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), "never to another site"
        assert not contains_token(logged(), token)
    assert {200, 401, 403, 404, 405, 500} <= statuses
    assert "an unexpected error" in logged()
    assert '"token_refused"' in logged()


def with_wrong_signature(target_app: TargetApp) -> str:
    signature = bytes([target_app.target.signature[0] ^ 1]) + target_app.target.signature[1:]
    return target_app.target.with_signature(signature)


def test_a_renewed_token_appears_only_in_its_cookie(
    target_app: TargetApp, app: Flask, logged: Callable[[], str]
) -> None:
    client = app.test_client(use_cookies=False)
    for path in ("/members", "/account", "/account/sessions", "/lab", "/fault"):
        _, token = new_session(app, target_app.target.payload["sub"], age=timedelta(hours=25), keep=True)
        response = client.get(path, headers=PAGE, environ_overrides=as_cookie(token))
        cookies = response.headers.getlist("Set-Cookie")
        assert len(cookies) == (path != "/fault"), path
        for cookie in cookies:
            new = cookie.partition(";")[0].removeprefix("daypass=")
            elsewhere = [line for line in response.headers if line[0] != "Set-Cookie"]
            assert "HttpOnly" in cookie
            assert not any(contains_token(text, new) for text in (response.text, str(elsewhere), logged()))


def test_no_log_holds_a_token_sent_in_the_wrong_place(
    target_app: TargetApp, app: Flask, logged: Callable[[], str]
) -> None:
    """The token is typed, pasted, put into a URL or into another header."""
    client, token = app.test_client(use_cookies=False), target_app.target.token
    places: list[dict[str, str]] = [
        {"User-Agent": token},
        {"Referer": f"http://localhost/?{token}"},
        {"X-Token": token},
    ]
    for headers in (*places, {"Origin": f"http://{token}"}, {"Cookie": f"other={token}"}):
        client.get("/members", headers=headers)
        client.post("/account/password", headers=headers)
    for path in (
        f"/members?token={token}",
        f"/members/{token}",
        f"/account/sessions/{token}/end",
        f"/login?next=/{token}",
    ):
        client.get(path, headers=PAGE)
        client.post(path, headers=PAGE)
    for form in ({"username": token, "password": "x" * 20}, {"username": "alice", "password": token}):
        assert client.post("/login", headers=PAGE, data=form).status_code == 401
    pasted = client.post(
        "/lab", headers=PAGE, environ_overrides=as_cookie(token), data={"token": token, "act": "decode"}
    )
    assert pasted.status_code < 500
    assert not contains_token(logged(), token)
    assert logged().count('"event"') > 10


def test_no_script_or_page_keeps_anything_in_the_browser() -> None:
    files = [*(ROOT / "static").glob("*.js"), *(ROOT / "templates").rglob("*.html")]
    assert len([file for file in files if file.suffix == ".js"]) >= 2
    assert {file.name: found for file in files if (found := re.findall(STORES, file.read_text()))} == {}


def test_the_log_of_a_running_server_holds_no_token(tmp_path: Path, password_hash: str) -> None:
    """The log includes the access log, for valid and invalid tokens."""
    with running(tmp_path, DAYPASS_WORKERS="1") as server, app_on_database_of(server) as app:
        (token,) = add_sessions(server, password_hash, 1)
        subject = account_of(app, token)
        tokens = [token]
        for algorithm in ALGORITHMS:
            rotate_keys(app, Algorithm(algorithm))
            tokens.append(new_session(app, subject)[1])
        for one in tokens:
            for headers in (bearer_header(one), {"Cookie": f"daypass={one}"}):
                assert server.request("GET", "/members", headers).status == 200
                assert server.request("GET", "/nowhere", headers).status == 404
            for invalid in (bearer_header(one + "A"), {"Cookie": f"daypass={one}A"}):
                assert server.request("GET", f"/members?token={one}", invalid).status == 401
        log = server.log
    assert log.count('"token_refused"') >= 2 * len(tokens)
    assert [one for one in tokens if contains_token(log, one)] == []


def account_of(app: Flask, token: str) -> str:
    return verify_token(app, token).claims.subject


def test_a_token_in_a_text_would_have_been_noticed(target_app: TargetApp) -> None:
    token, signature = target_app.target.token, target_app.target.parts[2]
    assert all(contains_token(text, token) for text in (token, f"x{signature}x", signature[:30], signature[-30:]))
    assert not contains_token(target_app.target.admin_token, token)
    assert not contains_token(".".join(target_app.target.parts[:2]), token)
