"""Row 64: one token renewed by several at once. All that comes of it is good, on purpose, and dies with the session."""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.http import parse_cookie
from werkzeug.test import TestResponse

from daypass.database.models import AuthSession
from daypass.lab.attacks.forging import read_part
from daypass.tokens.claims import Claims
from daypass.web import gate
from daypass.web.context import current_db
from tests.conftest import close_app, new_session
from tests.security.forging import ENDED
from tests.security.target_app import GOOD, PROGRAM, World, as_bearer, as_cookie, told

pytestmark = pytest.mark.row(64)

TABS = 6
OVER_A_DAY = timedelta(hours=25)
SAME = ("iss", "aud", "sub", "sid", "name", "roles", "auth_time", "until")  # a renewal adds no right and no time


@pytest.fixture
def due(world: World) -> tuple[Claims, str]:
    """A kept session whose token is a day old: the next page renews it."""
    claims, _ = world.somebody(f"tabs-{secrets.token_hex(4)}")
    return new_session(world.app, claims.subject, age=OVER_A_DAY, keep=True)


def at_once(acts: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    """The answers to acts that all start at the same moment."""
    start = threading.Barrier(len(acts))

    def wait_and(act: Callable[[], TestResponse]) -> TestResponse:
        start.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(wait_and, acts))


def renewed(answers: list[TestResponse]) -> list[str]:
    """The tokens that came with these answers."""
    return [
        parse_cookie(answer.headers["Set-Cookie"])["daypass"] for answer in answers if "Set-Cookie" in answer.headers
    ]


def claims_of(token: str) -> dict[str, Any]:
    return read_part(token.split(".")[1])


def sign_out(app: Flask, token: str) -> TestResponse:
    client = app.test_client(use_cookies=False)
    headers = PROGRAM | {"Sec-Fetch-Site": "same-origin"}
    return client.post("/logout", headers=headers, environ_overrides=as_cookie(token))


def sessions_of(world: World, claims: Claims) -> int | None:
    with world.app.app_context():
        return current_db().scalar(select(func.count()).where(AuthSession.account_id == claims.subject))


def test_renewals_at_once_are_all_good_and_all_die_with_the_session(world: World, due: tuple[Claims, str]) -> None:
    claims, token = due
    before = sessions_of(world, claims)
    answers = at_once([lambda: world.get(as_cookie(token))] * TABS)
    new = renewed(answers)
    assert ([answer.status_code for answer in answers], len(new)) == ([200] * TABS, 1)
    for text in new:
        assert {name: claims_of(text)[name] for name in SAME} == {name: claims_of(token)[name] for name in SAME}
        assert claims_of(token)["iat"] < claims_of(text)["iat"] < claims_of(text)["exp"] <= claims_of(text)["until"]
    assert sessions_of(world, claims) == before
    assert [told([world.app], text) for text in (token, *new)] == [{GOOD}] * 2

    assert sign_out(world.app, new[0]).status_code == 204

    assert [told([world.app], text) for text in (token, *new)] == [{ENDED}] * 2


def test_a_sign_out_beside_renewals_ends_them_all(world: World, due: tuple[Claims, str]) -> None:
    """All have passed the gate when somebody signs out, and none has been renewed yet."""
    _, token = due
    entered, left = threading.Barrier(TABS + 1), threading.Event()

    def slow() -> str:
        entered.wait(10)
        left.wait(10)
        return "shown"

    app, client = world.another_process(), {"environ_overrides": as_cookie(token)}
    app.add_url_rule("/slow", view_func=gate.token_required(slow))
    with ThreadPoolExecutor(TABS) as pool:
        asked = [pool.submit(app.test_client(use_cookies=False).get, "/slow", **client) for _ in range(TABS)]
        entered.wait(10)
        assert sign_out(world.app, token).status_code == 204
        left.set()
        answers = [one.result() for one in asked]
    later = world.another_process()
    assert ([answer.text for answer in answers], renewed(answers)) == (["shown"] * TABS, [])
    assert told([world.app, app, later], token) == {ENDED}
    close_app(app)
    close_app(later)


def test_a_thief_with_a_bearer_gets_no_new_token_out_of_the_old_one(world: World, due: tuple[Claims, str]) -> None:
    """Only a browser's cookie is renewed, so a stolen token that is used by a program ends when it says."""
    _, token = due
    answers = at_once([lambda: world.get(as_bearer(token))] * 2)
    assert ([answer.status_code for answer in answers], renewed(answers)) == ([200, 200], [])
