"""Maintenance: old rows are deleted once a day."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from daypass import maintenance
from daypass.audit import chain
from daypass.audit.entry import Entry
from daypass.audit.events import Event
from daypass.audit.queries import EventFilter, iterate
from daypass.audit.verification import verify
from daypass.database.models import AuthSession, Chore
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from daypass.sessions import lifecycle
from daypass.throttling import interval_claims
from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, Person, new_session
from tests.helpers.statements import counted_statements

pytestmark = pytest.mark.each_database


def left(app: Flask) -> set[str]:
    with app.app_context():
        return {session.id for session in current_db().query(AuthSession)}


def test_only_sessions_whose_tokens_are_long_dead_are_deleted(app: Flask, sign_in: Callable[..., Person]) -> None:
    live = sign_in("alice").claims
    lately, _ = new_session(app, live.subject, age=timedelta(days=7))
    dead = [new_session(app, live.subject, age=timedelta(days=8, hours=1))[0] for _ in range(3)]
    kept, _ = new_session(app, live.subject, age=timedelta(days=13), keep=True)
    with app.app_context():
        assert maintenance.prune(current_db()) == len(dead)
    assert left(app) == {live.session_id, lately.session_id, kept.session_id}


def test_more_than_a_batch_is_deleted_in_batches(
    app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    live = sign_in("alice").claims
    for _ in range(7):
        new_session(app, live.subject, age=timedelta(days=60))
    monkeypatch.setattr(lifecycle, "BATCH", 3)
    with app.app_context():
        assert maintenance.prune(current_db()) == 7
    assert left(app) == {live.session_id}


def test_everybody_is_signed_out_in_batches(
    app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = sign_in("alice", ["admin"])
    sessions = [alice.claims, *[new_session(app, alice.claims.subject)[0] for _ in range(6)]]
    monkeypatch.setattr(lifecycle, "END_BATCH", 3)
    with counted_statements(app) as statements:
        response = alice.client.post("/admin/sign-out-everybody", headers=PAGE)
    assert response.status_code == 303
    assert len([statement for statement in statements if statement.startswith("UPDATE sessions")]) == 4  # the last: 0
    with app.app_context():
        ended = {row.id for row in current_db().query(AuthSession) if row.end_reason == "ended_by_admin"}
    assert ended == {claims.session_id for claims in sessions}


def test_of_all_processes_one_does_the_chore_and_only_once_a_day(make_app: Callable[[], Flask], app: Flask) -> None:
    def claim(process: Flask) -> bool:
        with process.app_context():
            return interval_claims.claim(current_db(), "prune", maintenance.DAY)

    apps = [app, *[make_app() for _ in range(3)]]
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(claim, apps)) == [False, False, False, True]
    assert not claim(app)
    with app.app_context(), write_transaction(current_db()):
        chore = current_db().get_one(Chore, "prune")
        chore.done_at = chore.done_at - maintenance.DAY
    assert sorted(claim(process) for process in apps) == [False, False, False, True]


def test_a_server_prunes_by_itself(app: Flask, sign_in: Callable[..., Person]) -> None:
    live = sign_in("alice").claims
    new_session(app, live.subject, age=timedelta(days=60))
    maintenance.start(app.extensions["daypass"], pause=lambda: True).join(30)
    assert left(app) == {live.session_id}
    with app.app_context():
        assert maintenance.run(current_db()) is None, "once a day"


def test_old_events_are_deleted_by_the_server_and_the_rest_verifies(app: Flask) -> None:
    runtime: Runtime = app.extensions["daypass"]

    def stored() -> list[int]:
        with runtime.session_factory() as db:
            return [row.id for row in iterate(db, EventFilter())]

    now = datetime.now(UTC)
    for days in (91, 90.1, 89.9, 0):
        entry = Entry(now - timedelta(days=days), Event.SIGN_IN, "success", {})
        with runtime.session_factory() as db, write_transaction(db):
            chain.append(db, [entry.row()], runtime.settings.secret_keys)
    maintenance.start(runtime, pause=lambda: True).join(30)
    assert stored() == [3, 4]
    with runtime.session_factory() as db:
        assert verify(db, runtime.settings.secret_keys).rows == 2


class TestWithoutRetention:
    """With DAYPASS_AUDIT_DAYS=0, events are kept forever."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_AUDIT_DAYS": "0"}

    def test_no_event_is_deleted(self, app: Flask) -> None:
        runtime: Runtime = app.extensions["daypass"]
        entry = Entry(datetime.now(UTC) - timedelta(days=9999), Event.SIGN_IN, "success", {})
        with runtime.session_factory() as db, write_transaction(db):
            chain.append(db, [entry.row()], runtime.settings.secret_keys)
        maintenance.start(runtime, pause=lambda: True).join(30)
        with runtime.session_factory() as db:
            assert len(list(iterate(db, EventFilter()))) == 1


def test_a_claim_of_yesterday_is_forgotten_and_one_of_today_is_not(app: Flask) -> None:
    with app.app_context():
        assert interval_claims.claim(current_db(), "key alice", timedelta(seconds=1))
        assert interval_claims.claim(current_db(), "key bob", timedelta(seconds=1))
        with write_transaction(current_db()):
            chore = current_db().get_one(Chore, "key alice")
            chore.done_at = chore.done_at - maintenance.DAY
        maintenance.run(current_db())
        assert {chore.name for chore in current_db().query(Chore)} == {"key bob", "prune"}


def test_ended_sessions_leave_the_replica_once_no_token_can_be_valid(
    app: Flask, sign_in: Callable[..., Person]
) -> None:
    live = sign_in("alice").claims
    with app.app_context():
        with write_transaction(current_db()):
            lifecycle.end_all(current_db(), live.subject, "signed_out")
        revocations = current_runtime().revocations
        current_runtime().replica.refresh()
        assert len(revocations) == 1
        now, day = time.monotonic(), maintenance.DAY.total_seconds()
        revocations.forget(now + day)
        assert len(revocations) == 1, "a node's clock may be a minute off"
        revocations.forget(now + day + 120)
        assert len(revocations) == 0


def test_sessions_that_expired_long_ago_are_not_read_at_the_start(
    make_app: Callable[[], Flask], app: Flask, sign_in: Callable[..., Person]
) -> None:
    live = sign_in("alice").claims
    new_session(app, live.subject, age=timedelta(days=3))
    with app.app_context(), write_transaction(current_db()):
        lifecycle.end_everyone(current_db(), "ended_by_admin")
    other = make_app()
    with other.app_context():
        current_runtime().replica.refresh()
        assert len(current_runtime().revocations) == 1
    assert datetime.now(UTC) < live.expires_at


def test_an_error_of_any_kind_is_logged_and_the_thread_goes_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = list[str]()

    def fail(db: object) -> None:
        rounds.append("run")
        raise ZeroDivisionError("unexpected")

    monkeypatch.setattr(maintenance, "run", fail)
    maintenance.start(app.extensions["daypass"], pause=lambda: len(rounds) == 2).join(30)
    assert rounds == ["run", "run"]
    assert caplog.text.count("ZeroDivisionError: unexpected") == 2
