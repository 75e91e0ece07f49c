"""The last activity of sessions: noted at requests, written in batches."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, text

from daypass.database.models import AuthSession
from daypass.runtime import Runtime
from daypass.sessions import activity
from daypass.sessions.activity import Activity
from daypass.sessions.intervals import ACTIVITY_INTERVAL
from daypass.tokens.claims import Claims
from daypass.web.context import current_db
from tests.conftest import Person
from tests.helpers.api_tokens import new_api_token

HOUR = timedelta(hours=1)
PATIENCE = 20  # seconds


@pytest.fixture
def runtime(app: Flask) -> Runtime:
    found: Runtime = app.extensions["daypass"]
    return found


@pytest.fixture
def used(sign_in: Callable[..., Person]) -> list[Claims]:
    """Sessions of an hour ago."""
    return [sign_in("alice", age=HOUR).claims for _ in range(5)]


def last_seen(app: Flask, claims: Claims) -> datetime:
    with app.app_context():
        return current_db().get_one(AuthSession, claims.session_id).last_seen_at


def test_many_sessions_are_written_by_one_statement(app: Flask, runtime: Runtime, used: list[Claims]) -> None:
    statements: list[str] = []
    event.listen(runtime.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    now = datetime.now(UTC)
    for claims in used * 3:
        runtime.activity.note(claims, now)
    assert statements == []
    runtime.activity.flush()
    assert [statement for statement in statements if statement.startswith("UPDATE sessions")] == statements[1:]
    assert len(statements) == 2, statements
    assert all(last_seen(app, claims) >= now for claims in used)


def test_nothing_is_written_within_five_minutes_of_the_last_note(runtime: Runtime, used: list[Claims]) -> None:
    now = datetime.now(UTC)
    for moment in (now, now + ACTIVITY_INTERVAL - timedelta(seconds=1)):
        runtime.activity.note(used[0], moment)
    assert runtime.activity.unwritten == [used[0].session_id]
    runtime.activity.note(used[0], now + ACTIVITY_INTERVAL)
    assert runtime.activity.unwritten == [used[0].session_id] * 2


def test_a_new_session_is_not_noted(runtime: Runtime, sign_in: Callable[..., Person]) -> None:
    runtime.activity.note(sign_in("alice").claims, datetime.now(UTC))
    assert runtime.activity.unwritten == []


def test_the_first_use_of_an_api_token_is_written_at_once(
    app: Flask, runtime: Runtime, sign_in: Callable[..., Person]
) -> None:
    claims, _ = new_api_token(app, sign_in("alice").claims.subject)
    for again in (False, True):
        now, before = datetime.now(UTC), last_seen(app, claims)
        runtime.activity.note(claims, now)
        runtime.activity.flush()
        assert (last_seen(app, claims) > before) == (not again)


def test_another_process_does_not_write_a_use_of_the_same_minutes_again(
    app: Flask, runtime: Runtime, sign_in: Callable[..., Person]
) -> None:
    claims, _ = new_api_token(app, sign_in("alice").claims.subject)
    seen = []
    for noted in (runtime.activity, Activity(runtime.session_factory)):
        noted.note(claims, datetime.now(UTC))
        noted.flush()
        seen.append(last_seen(app, claims))
    assert seen[0] == seen[1]


def test_a_thread_writes_after_a_moment(
    app: Flask, runtime: Runtime, used: list[Claims], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "FLUSH_SECONDS", 0.05)
    for claims in used[:2]:
        now, ends = datetime.now(UTC), time.monotonic() + PATIENCE
        runtime.activity.note(claims, now)
        while last_seen(app, claims) < now and time.monotonic() < ends:
            time.sleep(0.02)
        assert last_seen(app, claims) >= now


def test_closing_writes_what_was_noted(app: Flask, runtime: Runtime, used: list[Claims]) -> None:
    now = datetime.now(UTC)
    runtime.activity.note(used[0], now)
    runtime.close()
    assert last_seen(app, used[0]) >= now


def test_the_memory_is_bounded(runtime: Runtime, used: list[Claims], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "MAX_NOTED", 3)
    noted = Activity(runtime.session_factory)
    for claims in used:
        noted.note(claims, datetime.now(UTC))
        assert noted.count() <= 3
    noted.close()


def test_a_failure_is_only_logged(
    app: Flask, runtime: Runtime, used: list[Claims], caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        current_db().execute(text("ALTER TABLE sessions RENAME TO elsewhere"))
        current_db().commit()
    runtime.activity.note(used[0], datetime.now(UTC))
    with caplog.at_level(logging.WARNING):
        runtime.activity.flush()
    assert "last activity of 1 sessions" in caplog.text
    assert used[0].session_id not in caplog.text
