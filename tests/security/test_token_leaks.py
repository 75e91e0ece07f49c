"""Row 70: a token stands in its cookie and nowhere else: no log, page, header, address or store of a browser."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.web import gate
from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, close_app, new_session, verify_token
from tests.helpers.project import ROOT
from tests.helpers.server import running
from tests.helpers.tokens import bearer_header
from tests.integration.faults.factories import add_people, app_beside
from tests.security.forging import RINGS
from tests.security.target_app import CARRIERS, PROGRAM, Carrier, World, as_cookie

pytestmark = pytest.mark.row(70)

HERE = {"Sec-Fetch-Site": "same-origin"}
STORES = (
    r"localStorage|sessionStorage|indexedDB|document\.cookie|cookieStore|caches\b|pushState|replaceState|sendBeacon"
)
LENGTH = 16  # characters of a signature that are no accident


def shows(text: str, token: str) -> bool:
    """Whether a part of the token's signature is in the text: what nobody can work out who has it not."""
    signature = token.rpartition(".")[2]
    return any(signature[at : at + LENGTH] in text for at in range(0, len(signature) - LENGTH + 1, LENGTH // 2))


@pytest.fixture
def app(world: World) -> Iterator[Flask]:
    """A process of this world that has one page more, which fails."""

    def fail() -> str:
        raise RuntimeError("nobody thought of this")

    made = world.another_process()
    made.add_url_rule("/fault", view_func=gate.token_required(fail))
    yield made
    close_app(made)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """All that was logged so far, of every logger and level, tracebacks included."""
    events = logging.getLogger("daypass.events")
    caplog.set_level(logging.DEBUG)
    events.addHandler(caplog.handler)
    yield lambda: caplog.text
    events.removeHandler(caplog.handler)


def addresses(app: Flask) -> list[str]:
    """Every address that can be read, and two that are not there."""
    found = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments}
    return sorted(found | {"/nowhere", "/static/daypass.js"})


def every_answer(app: Flask, environ: dict[str, str], headers: dict[str, str]) -> list[TestResponse]:
    """What is answered to somebody who brings this on every page, and on requests that go wrong in every way."""
    client = app.test_client(use_cookies=False)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    how: dict[str, Any] = {"environ_overrides": environ, "buffered": True}
    answers = [client.get(path, headers=headers, **how) for path in addresses(app)]
    wrong = [
        client.post("/members", headers=headers | HERE, **how),
        client.post("/account/password", headers=headers | {"Sec-Fetch-Site": "cross-site"}, **how),
        client.post("/account/password", headers=headers | HERE, **how, data={"new": "x" * 70_000}),
        client.post("/account/password", headers=headers | HERE, **how, data={"new": "short"}),
        client.post("/account/sessions/none/end", headers=headers | HERE, **how),
    ]
    return answers + wrong


@pytest.mark.parametrize("headers", [PROGRAM, PAGE], ids=["program", "browser"])
@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_no_page_header_or_log_holds_the_token_that_was_sent(
    world: World, app: Flask, logged: Callable[[], str], carrier: Carrier, headers: dict[str, str]
) -> None:
    statuses = set()
    for token in (world.target.token, world.target.admin_token, wrongly_signed(world)):
        for answer in every_answer(app, carrier(token), headers):
            statuses.add(answer.status_code)
            assert not shows(answer.text, token), answer.request.path
            assert not shows(str(answer.headers), token), answer.request.path
            assert answer.headers["Referrer-Policy"] == "same-origin"
        assert not shows(logged(), token)
    assert {200, 401, 403, 404, 405, 500} <= statuses
    assert "nobody thought of this" in logged()
    assert '"token_refused"' in logged()


def wrongly_signed(world: World) -> str:
    signature = bytes([world.target.signature[0] ^ 1]) + world.target.signature[1:]
    return world.target.with_signature(signature)


def test_a_renewed_token_stands_in_its_cookie_alone(world: World, app: Flask, logged: Callable[[], str]) -> None:
    client = app.test_client(use_cookies=False)
    for path in ("/members", "/account", "/account/sessions", "/lab", "/fault"):
        _, token = new_session(app, world.target.payload["sub"], age=timedelta(hours=25), keep=True)
        answer = client.get(path, headers=PAGE, environ_overrides=as_cookie(token))
        cookies = answer.headers.getlist("Set-Cookie")
        assert len(cookies) == (path != "/fault"), path
        for cookie in cookies:
            new = cookie.partition(";")[0].removeprefix("daypass=")
            elsewhere = [line for line in answer.headers if line[0] != "Set-Cookie"]
            assert "HttpOnly" in cookie
            assert not any(shows(text, new) for text in (answer.text, str(elsewhere), logged()))


def test_no_log_holds_a_token_wherever_somebody_puts_it(world: World, app: Flask, logged: Callable[[], str]) -> None:
    """Where it does not belong: typed, pasted, in an address, in another header."""
    client, token = app.test_client(use_cookies=False), world.target.token
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
    assert not shows(logged(), token)
    assert logged().count('"event"') > 10


def test_no_script_or_page_keeps_anything_in_the_browser() -> None:
    files = [*(ROOT / "static").glob("*.js"), *(ROOT / "templates").rglob("*.html")]
    assert len([file for file in files if file.suffix == ".js"]) >= 2
    assert {file.name: found for file in files if (found := re.findall(STORES, file.read_text()))} == {}


def test_the_log_of_a_running_server_holds_no_token(tmp_path: Path, password_hash: str) -> None:
    """One server, a key of each kind in turn, good tokens and bad ones; its access log is part of it."""
    with running(tmp_path, DAYPASS_WORKERS="1") as server, app_beside(server) as app:
        (token,) = add_people(server, password_hash, 1)
        subject = account_of(app, token)
        tokens = [token]
        for ring in RINGS:
            with app.app_context(), write_transaction(current_db()):
                rotation.rotate(
                    current_db(), signing_key.generate(Algorithm(ring)), current_runtime().settings.secret_key
                )
            tokens.append(new_session(app, subject)[1])
        for one in tokens:
            for carried in (bearer_header(one), {"Cookie": f"daypass={one}"}):
                assert server.request("GET", "/members", carried).status == 200
                assert server.request("GET", "/nowhere", carried).status == 404
            for bent in (bearer_header(one + "A"), {"Cookie": f"daypass={one}A"}):
                assert server.request("GET", f"/members?token={one}", bent).status == 401
        log = server.log
    assert log.count('"token_refused"') >= 2 * len(tokens)
    assert [one for one in tokens if shows(log, one)] == []


def account_of(app: Flask, token: str) -> str:
    return verify_token(app, token).claims.subject


def test_a_token_in_a_text_would_have_been_noticed(world: World) -> None:
    token, signature = world.target.token, world.target.parts[2]
    assert all(shows(text, token) for text in (token, f"x{signature}x", signature[:30], signature[-30:]))
    assert not shows(world.target.admin_token, token)
    assert not shows(".".join(world.target.parts[:2]), token)
