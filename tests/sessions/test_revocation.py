"""Revocation: a session that ended anywhere is refused everywhere."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from daypass.database.transactions import write_transaction
from daypass.errors import ServiceUnavailable
from daypass.runtime import Runtime
from daypass.sessions import lifecycle, revocation
from daypass.sessions.revocation import Revocations
from daypass.settings.definitions import Settings
from daypass.tokens.cache import CONFIRM_SECONDS
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web.context import current_db, current_runtime
from tests.conftest import new_session

Apps = tuple[Flask, Flask]


@pytest.fixture
def apps(app: Flask, make_app: Callable[[], Flask]) -> Apps:
    """Two apps on one database, which stand for two processes."""
    return app, make_app()


@pytest.fixture
def started(app: Flask, add_account: Callable[..., str]) -> list[str]:
    """Three sessions of one account."""
    account = add_account("alice")
    return [new_session(app, account)[0].session_id for _ in range(3)]


def revocations(app: Flask) -> Revocations:
    with app.app_context():
        return current_runtime().revocations


def end(app: Flask, session_id: str) -> None:
    with app.app_context(), write_transaction(current_db()):
        assert lifecycle.end(current_db(), session_id, "signed_out")


def check(app: Flask, session_id: str) -> None:
    """Check a session as the gate does for each request."""
    runtime: Runtime = app.extensions["daypass"]
    runtime.replica.refresh()
    runtime.revocations.check(session_id)


def refused(app: Flask, session_id: str) -> bool:
    try:
        check(app, session_id)
    except InvalidToken as error:
        assert error.fault is TokenFault.ENDED
        return True
    return False


@contextmanager
def sqlite(settings: Settings) -> Iterator[sqlite3.Connection]:
    """A connection that knows nothing of Daypass and commits at once."""
    with closing(sqlite3.connect(settings.database_url.database or "", isolation_level=None)) as connection:
        yield connection


def test_a_session_ended_here_or_elsewhere_is_refused_at_the_next_check(apps: Apps, started: list[str]) -> None:
    here, elsewhere = apps
    assert [refused(here, session_id) for session_id in started] == [False] * 3
    end(here, started[0])
    assert [refused(here, session_id) for session_id in started] == [True, False, False]
    end(elsewhere, started[1])
    assert [refused(here, session_id) for session_id in started] == [True, True, False]
    assert [refused(elsewhere, session_id) for session_id in started] == [True, True, False]


def test_a_session_that_ended_before_the_process_started_is_refused(
    app: Flask, make_app: Callable[[], Flask], settings: Settings, started: list[str]
) -> None:
    with sqlite(settings) as raw:
        raw.execute(
            "UPDATE sessions SET ended_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '-12 hours') WHERE id = ?",
            started[:1],
        )
    assert [refused(make_app(), session_id) for session_id in started] == [True, False, False]


def test_an_end_counts_from_its_commit(app: Flask, settings: Settings, started: list[str]) -> None:
    with sqlite(settings) as raw:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("UPDATE sessions SET ended_at = strftime('%Y-%m-%d %H:%M:%f000', 'now')")
        assert not refused(app, started[0])
        raw.execute("COMMIT")
        assert refused(app, started[0])


@pytest.mark.parametrize("seconds", [1, 30, 59])
def test_an_end_that_was_committed_late_is_found(
    app: Flask, settings: Settings, started: list[str], seconds: int
) -> None:
    """Its time is before the last read, as with a transaction that commits slowly."""
    end(app, started[0])
    assert [refused(app, session_id) for session_id in started] == [True, False, False]
    with sqlite(settings) as raw:
        raw.execute(
            "UPDATE sessions SET ended_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', ?) WHERE id = ?",
            (f"-{seconds} seconds", started[1]),
        )
    assert [refused(app, session_id) for session_id in started] == [True, True, False]


def test_no_statement_is_executed_while_nothing_changes(apps: Apps, started: list[str]) -> None:
    here, elsewhere = apps
    executed: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        executed.append(statement)

    with here.app_context():
        event.listen(current_runtime().engine, "before_cursor_execute", note)
    end(elsewhere, started[0])
    refused(here, started[0])
    assert any("sessions" in statement for statement in executed)
    executed.clear()
    assert [refused(here, session_id) for session_id in started * 20] == [True, False, False] * 20
    assert executed == []
    end(elsewhere, started[1])
    assert refused(here, started[1])
    assert executed != []


def test_reading_the_key_ring_alone_hides_no_end(apps: Apps, started: list[str]) -> None:
    here, elsewhere = apps
    assert not refused(here, started[0])
    end(elsewhere, started[0])
    with here.app_context():
        assert current_runtime().keys.current().signing
    assert refused(here, started[0])


def test_a_known_end_is_not_read_again(apps: Apps, started: list[str]) -> None:
    here, elsewhere = apps
    end(elsewhere, started[0])
    assert refused(here, started[0])
    named: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        named.extend(value for value in parameters if value in started)

    with here.app_context():
        event.listen(current_runtime().engine, "before_cursor_execute", note)
    end(elsewhere, started[1])
    assert [refused(here, session_id) for session_id in started] == [True, True, False]
    assert named == [started[1]]


def test_many_ends_at_once_are_all_read(apps: Apps, started: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    here, elsewhere = apps
    monkeypatch.setattr(revocation, "MAX_LISTED", 1)
    assert not refused(here, started[0])
    for session_id in started:
        end(elsewhere, session_id)
    assert [refused(here, session_id) for session_id in started] == [True] * 3


def test_no_request_uses_the_old_replica_while_another_thread_reads(apps: Apps, started: list[str]) -> None:
    here, elsewhere = apps
    assert not refused(here, started[0])
    reading, go_on = threading.Event(), threading.Event()

    def hold(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "FROM sessions" in statement:
            reading.set()
            assert go_on.wait(timeout=10)

    with here.app_context():
        event.listen(current_runtime().engine, "before_cursor_execute", hold)
    end(elsewhere, started[0])
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(refused, here, started[0])
        assert reading.wait(timeout=10)
        second = threading.Event()
        response = pool.submit(refused, here, started[0])
        response.add_done_callback(lambda _: second.set())
        second.wait(timeout=1.2)  # the time that slipping past would take
        go_on.set()
        assert first.result(timeout=10)
        assert response.result(timeout=10)


def test_many_threads_refuse_alike(apps: Apps, started: list[str]) -> None:
    here, elsewhere = apps
    start = threading.Barrier(8, timeout=10)

    def check(_: int) -> list[bool]:
        start.wait()
        return [refused(here, session_id) for session_id in started]

    end(elsewhere, started[0])
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(check, range(8))) == [[True, False, False]] * 8


def test_an_end_while_the_connection_is_closed_is_seen(apps: Apps, started: list[str]) -> None:
    here, elsewhere = apps
    assert not refused(here, started[0])
    with here.app_context():
        current_runtime().replica.close()
    end(elsewhere, started[0])
    assert refused(here, started[0])


def test_a_file_that_is_not_a_database_makes_the_gate_unavailable(
    make_app: Callable[[], Flask], settings: Settings
) -> None:
    Path(settings.database_url.database or "").write_bytes(b"garbage " * 1024)
    with pytest.raises(ServiceUnavailable) as shut:
        check(make_app(), "0" * 32)
    assert (shut.value.status, shut.value.retry_after) == (503, 10)


def test_a_missing_database_makes_the_gate_unavailable(make_app: Callable[[], Flask], tmp_path: Path) -> None:
    process = make_app()
    tmp_path.rename(tmp_path.with_name("moved"))
    try:
        with pytest.raises(ServiceUnavailable):
            check(process, "0" * 32)
    finally:
        tmp_path.with_name("moved").rename(tmp_path)


def test_a_clock_that_is_set_back_loses_no_end(app: Flask, started: list[str]) -> None:
    """As if the database's clock had been ten minutes ahead until now."""
    revoked = revocations(app)
    assert not refused(app, started[0])
    assert revoked._read_at is not None
    revoked._read_at += timedelta(minutes=10)
    end(app, started[0])
    assert refused(app, started[0])


def test_a_clock_that_was_set_ahead_loses_no_end(app: Flask, settings: Settings, started: list[str]) -> None:
    """As if the database's clock had been ten minutes behind until now."""
    revoked = revocations(app)
    assert not refused(app, started[0])
    assert revoked._read_at is not None
    revoked._read_at -= timedelta(minutes=10)
    end_as_of(settings, started[0], "-1 hours")
    assert refused(app, started[0])


def test_a_clock_that_was_set_back_and_ahead_while_nobody_asked_loses_no_end(
    app: Flask, settings: Settings, started: list[str]
) -> None:
    """As if the last reading had been two minutes ago, by either clock."""
    revoked = revocations(app)
    assert not refused(app, started[0])
    assert revoked._read_at is not None
    revoked._read_at -= timedelta(minutes=2)
    revoked._read_at_monotonic -= 120
    end_as_of(settings, started[0], "-2 days")
    assert refused(app, started[0])


def end_as_of(settings: Settings, session_id: str, when: str) -> None:
    """End a session by a clock that is off by so much."""
    with sqlite(settings) as raw:
        raw.execute(
            "UPDATE sessions SET ended_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', ?) WHERE id = ?",
            (when, session_id),
        )


@pytest.mark.parametrize("age", [timedelta(minutes=1), timedelta(hours=23)])
def test_an_end_is_kept_for_a_full_lifetime_since_the_clock_may_be_ahead(
    app: Flask, add_account: Callable[..., str], age: timedelta
) -> None:
    """If the clock is ahead, the session lasts longer than the clock says."""
    session_id = new_session(app, add_account("alice"), age=age)[0].session_id
    end(app, session_id)
    assert refused(app, session_id)
    revoked, now = revocations(app), time.monotonic()
    revoked.forget(now + 86_400)
    assert refused(app, session_id)
    revoked.forget(now + 86_400 + 120)
    assert len(revoked) == 0


class TestOfShortSessions:
    """Tokens with a lifetime shorter than the time that they are cached."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_TOKEN_LIFETIME": "300"}

    @pytest.mark.parametrize("how", ["read by another process", "noted by its own"])
    def test_an_end_is_kept_for_as_long_as_a_token_is_cached(
        self, make_app: Callable[[], Flask], app: Flask, add_account: Callable[..., str], how: str
    ) -> None:
        claims, _ = new_session(app, add_account("alice"))
        another = make_app()
        process = app if how == "noted by its own" else another
        revoked, now = revocations(process), time.monotonic()
        end(app, claims.session_id)
        assert refused(process, claims.session_id)
        revoked.forget(now + CONFIRM_SECONDS)
        assert refused(process, claims.session_id)
        revoked.forget(now + CONFIRM_SECONDS + 120)
        assert len(revoked) == 0


class TestWithoutGrace:
    """Without a grace period if the database cannot be read."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_REVOCATION_GRACE": "0"}

    def test_the_gate_is_unavailable_until_the_rows_can_be_read_again(
        self, app: Flask, settings: Settings, started: list[str]
    ) -> None:
        assert not refused(app, started[0])
        with sqlite(settings) as raw:
            now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
            raw.execute(f"UPDATE sessions SET ended_at = {now} WHERE id = ?", started[:1])  # noqa: S608
            raw.execute("ALTER TABLE sessions RENAME TO elsewhere")
            for _ in range(3):
                with pytest.raises(ServiceUnavailable):
                    check(app, started[1])
            raw.execute("ALTER TABLE elsewhere RENAME TO sessions")
        assert [refused_eventually(app, session_id) for session_id in started] == [True, False, False]


def refused_eventually(app: Flask, session_id: str) -> bool:
    """Whether the session is refused, once the gate works again."""
    while True:
        try:
            return refused(app, session_id)
        except ServiceUnavailable:
            time.sleep(0.01)
