"""Concurrent renewals of a token are all valid and end with the session."""

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
from tests.security.target_app import ACCEPTED, PROGRAM, TargetApp, as_bearer, as_cookie, verdicts

pytestmark = pytest.mark.row(64)

TABS = 6
OVER_A_DAY = timedelta(hours=25)
# A renewal adds neither roles nor time to the session.
UNCHANGED = (
    "iss",
    "aud",
    "sub",
    "sid",
    "name",
    "roles",
    "auth_time",
    "until",
)


@pytest.fixture
def due(target_app: TargetApp) -> tuple[Claims, str]:
    """A kept session whose token is a day old, so that the next page renews it."""
    claims, _ = target_app.add_user(f"tabs-{secrets.token_hex(4)}")
    return new_session(target_app.app, claims.subject, age=OVER_A_DAY, keep=True)


def run_concurrently(actions: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    """The responses to actions that all start at the same moment."""
    start = threading.Barrier(len(actions))

    def start_together(action: Callable[[], TestResponse]) -> TestResponse:
        start.wait(10)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(start_together, actions))


def renewed_tokens(responses: list[TestResponse]) -> list[str]:
    """The tokens in the cookies of these responses."""
    return [
        parse_cookie(response.headers["Set-Cookie"])["daypass"]
        for response in responses
        if "Set-Cookie" in response.headers
    ]


def claims_of(token: str) -> dict[str, Any]:
    return read_part(token.split(".")[1])


def sign_out(app: Flask, token: str) -> TestResponse:
    client = app.test_client(use_cookies=False)
    headers = PROGRAM | {"Sec-Fetch-Site": "same-origin"}
    return client.post("/logout", headers=headers, environ_overrides=as_cookie(token))


def sessions_of(target_app: TargetApp, claims: Claims) -> int | None:
    with target_app.app.app_context():
        return current_db().scalar(select(func.count()).where(AuthSession.account_id == claims.subject))


def test_concurrent_renewals_are_all_valid_and_end_with_the_session(
    target_app: TargetApp, due: tuple[Claims, str]
) -> None:
    claims, token = due
    before = sessions_of(target_app, claims)
    responses = run_concurrently([lambda: target_app.get(as_cookie(token))] * TABS)
    new = renewed_tokens(responses)
    assert ([response.status_code for response in responses], len(new)) == ([200] * TABS, 1)
    for text in new:
        assert {name: claims_of(text)[name] for name in UNCHANGED} == {
            name: claims_of(token)[name] for name in UNCHANGED
        }
        assert claims_of(token)["iat"] < claims_of(text)["iat"] < claims_of(text)["exp"] <= claims_of(text)["until"]
    assert sessions_of(target_app, claims) == before
    assert [verdicts([target_app.app], text) for text in (token, *new)] == [{ACCEPTED}] * 2

    assert sign_out(target_app.app, new[0]).status_code == 204

    assert [verdicts([target_app.app], text) for text in (token, *new)] == [{ENDED}] * 2


def test_a_sign_out_during_renewals_ends_them_all(target_app: TargetApp, due: tuple[Claims, str]) -> None:
    """The sign-out comes after every gate check and before every renewal."""
    _, token = due
    in_view, resume = threading.Barrier(TABS + 1), threading.Event()

    def slow() -> str:
        in_view.wait(10)
        resume.wait(10)
        return "shown"

    app, options = target_app.another_process(), {"environ_overrides": as_cookie(token)}
    app.add_url_rule("/slow", view_func=gate.token_required(slow))
    with ThreadPoolExecutor(TABS) as pool:
        requests = [pool.submit(app.test_client(use_cookies=False).get, "/slow", **options) for _ in range(TABS)]
        in_view.wait(10)
        assert sign_out(target_app.app, token).status_code == 204
        resume.set()
        responses = [request.result() for request in requests]
    later = target_app.another_process()
    assert ([response.text for response in responses], renewed_tokens(responses)) == (["shown"] * TABS, [])
    assert verdicts([target_app.app, app, later], token) == {ENDED}
    close_app(app)
    close_app(later)


def test_a_stolen_bearer_token_is_not_renewed(target_app: TargetApp, due: tuple[Claims, str]) -> None:
    """Only a browser's cookie is renewed."""
    _, token = due
    responses = run_concurrently([lambda: target_app.get(as_bearer(token))] * 2)
    assert ([response.status_code for response in responses], renewed_tokens(responses)) == ([200, 200], [])
