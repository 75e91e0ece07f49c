"""Housekeeping."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from daypass import maintenance
from daypass.database.models import AuthSession, Chore
from daypass.database.transactions import write_transaction
from daypass.runtime import db, process
from daypass.sessions import lifecycle
from tests.conftest import Person, new_session

pytestmark = pytest.mark.each_database


def left(app: Flask) -> set[str]:
    with app.app_context():
        return {session.id for session in db.session.query(AuthSession)}


def test_only_sessions_whose_tokens_are_long_dead_are_deleted(app: Flask, sign_in: Callable[..., Person]) -> None:
    live = sign_in("alice").claims
    lately, _ = new_session(app, live.subject, age=timedelta(days=7))
    dead = [new_session(app, live.subject, age=timedelta(days=8, hours=1))[0] for _ in range(3)]
    kept, _ = new_session(app, live.subject, age=timedelta(days=13), keep=True)
    with app.app_context():
        assert maintenance.prune(db.session) == len(dead)
    assert left(app) == {live.session_id, lately.session_id, kept.session_id}


def test_more_than_a_batch_is_deleted_in_batches(
    app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    live = sign_in("alice").claims
    for _ in range(7):
        new_session(app, live.subject, age=timedelta(days=60))
    monkeypatch.setattr(lifecycle, "BATCH", 3)
    with app.app_context():
        assert maintenance.prune(db.session) == 7
    assert left(app) == {live.session_id}


def test_of_all_processes_one_does_the_chore_and_only_once_a_day(make_app: Callable[[], Flask], app: Flask) -> None:
    def claim(one: Flask) -> bool:
        with one.app_context():
            return maintenance.claim(db.session, "prune", maintenance.DAY)

    apps = [app, *[make_app() for _ in range(3)]]
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(claim, apps)) == [False, False, False, True]
    assert not claim(app)
    with app.app_context(), write_transaction(db.session):
        chore = db.session.get_one(Chore, "prune")
        chore.done_at = chore.done_at - maintenance.DAY
    assert sorted(claim(one) for one in apps) == [False, False, False, True]


def test_a_server_prunes_by_itself(app: Flask, sign_in: Callable[..., Person]) -> None:
    live = sign_in("alice").claims
    new_session(app, live.subject, age=timedelta(days=60))
    with app.app_context():
        sessionmaker, settings = db.sessionmaker, process().settings
    maintenance.start(sessionmaker, settings, pause=lambda: True).join(30)
    assert left(app) == {live.session_id}
    with app.app_context():
        assert maintenance.run(db.session) is None, "once a day"


def test_a_claim_of_yesterday_is_forgotten_and_one_of_today_is_not(app: Flask) -> None:
    with app.app_context():
        assert maintenance.claim(db.session, "key alice", timedelta(seconds=1))
        assert maintenance.claim(db.session, "key bob", timedelta(seconds=1))
        with write_transaction(db.session):
            chore = db.session.get_one(Chore, "key alice")
            chore.done_at = chore.done_at - maintenance.DAY
        maintenance.run(db.session)
        assert {chore.name for chore in db.session.query(Chore)} == {"key bob", "prune"}


def test_the_set_in_memory_forgets_what_can_live_no_more(app: Flask, sign_in: Callable[..., Person]) -> None:
    live = sign_in("alice").claims
    with app.app_context():
        with write_transaction(db.session):
            lifecycle.end_all(db.session, live.subject, "signed_out")
        revocations = process().revocations
        process().mirror.refresh()
        assert len(revocations) == 1
        now, day = time.monotonic(), maintenance.DAY.total_seconds()
        revocations.forget(now + day)
        assert len(revocations) == 1, "a node's clock may be a minute off"
        revocations.forget(now + day + 120)
        assert len(revocations) == 0


def test_what_is_long_dead_is_not_read_at_the_start(
    make_app: Callable[[], Flask], app: Flask, sign_in: Callable[..., Person]
) -> None:
    live = sign_in("alice").claims
    new_session(app, live.subject, age=timedelta(days=3))
    with app.app_context(), write_transaction(db.session):
        lifecycle.end_everyone(db.session, "ended_by_admin")
    other = make_app()
    with other.app_context():
        process().mirror.refresh()
        assert len(process().revocations) == 1
    assert datetime.now(UTC) < live.expires_at
