"""Changes of the database are noticed by PostgreSQL's notifications, and without them within half a second."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from daypass.database import listener
from daypass.database.change_detector import POLL_SECONDS, ChangeDetector, change_detector
from daypass.database.engine import engine_options
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.runtime import Runtime
from daypass.sessions import lifecycle
from daypass.sessions.activity import record_activity
from daypass.sessions.intervals import ACTIVITY_INTERVAL
from daypass.settings.parsers import database_url as parse_url
from daypass.tokens.errors import InvalidToken
from daypass.web.context import current_db
from tests.conftest import SECRET_KEY, Person
from tests.helpers.listening import eventually, is_listening, let_listen, listening_backends
from tests.helpers.pgbouncer import running_pgbouncer
from tests.helpers.postgres import Postgres
from tests.helpers.server import free_port

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

SHORT, LONG = 0.1, 3600.0  # seconds
END = "UPDATE sessions SET ended_at = clock_timestamp(), end_reason = 'revoked' WHERE id = %(live)s"
KEY = "INSERT INTO signing_keys (kid, algorithm, sealed, created_at) VALUES ('k', 'HS256', '', now())"
COPY = "INSERT INTO sessions SELECT (jsonb_populate_record(s, %(changes)s)).* FROM sessions s WHERE id = %(live)s"
NOTIFIED = {
    "a session is ended": END,
    "all sessions are ended": "UPDATE sessions SET ended_at = clock_timestamp()",
    "an ended session is added, as by a restore": COPY.replace("%(changes)s", """'{"id": "x", "ended_at": "now"}'"""),
    "a key is added": KEY,
    "keys are retired": "UPDATE signing_keys SET retired_at = now()",
    "keys are deleted": "DELETE FROM signing_keys",
    "all keys are removed": "TRUNCATE signing_keys",
}
SILENT = {
    "a session is used": "UPDATE sessions SET last_seen_at = now() WHERE id = %(live)s",
    "a session is renewed": "UPDATE sessions SET expires_at = now(), kid = 'other' WHERE id = %(live)s",
    "a sign-in finds no session that is too many": END + " AND false",
    "a session starts": COPY.replace("%(changes)s", """'{"id": "x"}'"""),
    "a session is deleted": "DELETE FROM sessions WHERE id = %(live)s",
    "an account is deleted": "DELETE FROM accounts",
}


@pytest.fixture
def database(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection of somebody else, in autocommit mode."""
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@contextmanager
def detector_of(url: str) -> Iterator[tuple[ChangeDetector, sessionmaker[Session]]]:
    """A change detector, and the sessions of its process."""
    engine = create_engine(**engine_options(parse_url(url), threads=2))
    sessions = sessionmaker(engine)
    detector = change_detector(engine, sessions)
    try:
        yield detector, sessions
    finally:
        detector.close()
        engine.dispose()


@pytest.fixture
def detector(database_url: str) -> Iterator[ChangeDetector]:
    with detector_of(database_url) as (detector, _):
        yield detector


@pytest.fixture
def live(sign_in: Callable[..., Person]) -> str:
    """The id of an active session."""
    return sign_in("alice").claims.session_id


def listener_threads() -> set[threading.Thread]:
    """The threads of this process that wait for notifications."""
    return {thread for thread in threading.enumerate() if thread.name == "listener"}


def is_refused(app: Flask, session_id: str) -> bool:
    runtime: Runtime = app.extensions["daypass"]
    runtime.replica.refresh()
    try:
        runtime.revocations.check(session_id)
    except InvalidToken:
        return True
    return False


def versions_during(detector: ChangeDetector, database: psycopg.Connection, statement: str, live: str) -> int:
    """How many notifications one statement causes."""
    assert eventually(lambda: is_listening(detector))
    before = detector.version()[-1]
    database.execute(statement.encode(), {"live": live})
    database.execute("NOTIFY daypass, 'the last one'")
    assert eventually(lambda: detector.version()[-1] > before)
    time.sleep(SHORT)  # both arrive together, except on a busy machine
    return detector.version()[-1] - before - 1


@pytest.mark.parametrize("statement", NOTIFIED.values(), ids=NOTIFIED)
def test_what_processes_hold_in_memory_is_notified_whoever_changes_it(
    detector: ChangeDetector, database: psycopg.Connection, live: str, statement: str
) -> None:
    assert versions_during(detector, database, statement, live) == 1


@pytest.mark.parametrize("statement", SILENT.values(), ids=SILENT)
def test_nothing_else_is_notified(
    detector: ChangeDetector, database: psycopg.Connection, live: str, statement: str
) -> None:
    assert versions_during(detector, database, statement, live) == 0


def test_a_notification_is_enough_where_nobody_polls(
    app: Flask, live: str, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daypass.database.change_detector.POLL_SECONDS", LONG)
    monkeypatch.setattr(listener, "REREAD_SECONDS", LONG)
    let_listen(app)
    assert not is_refused(app, live)
    database.execute(END, {"live": live})
    assert eventually(lambda: is_refused(app, live))


def test_an_end_by_this_process_needs_no_notification(app: Flask, live: str, database: psycopg.Connection) -> None:
    let_listen(app)
    database.execute("ALTER TABLE sessions DISABLE TRIGGER USER")
    with app.app_context(), write_transaction(current_db()):
        lifecycle.end(current_db(), live, "signed_out")
    assert is_refused(app, live)


def test_a_key_of_this_process_signs_at_once(app: Flask, live: str, database: psycopg.Connection) -> None:
    let_listen(app)
    database.execute("ALTER TABLE signing_keys DISABLE TRIGGER USER")
    key = signing_key.generate(Algorithm.HS256)
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, SECRET_KEY)
    assert app.extensions["daypass"].keys.current().signing.kid == key.kid


def test_the_first_key_of_another_process_is_read_at_once(
    app: Flask, make_app: Callable[[], Flask], live: str, database: psycopg.Connection
) -> None:
    """The other process commits its key after this one has seen that there is none."""
    database.execute("ALTER TABLE signing_keys DISABLE TRIGGER USER; DELETE FROM signing_keys")
    other = make_app()
    let_listen(other)
    key = signing_key.generate(Algorithm.HS256)
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, SECRET_KEY)
    assert other.extensions["daypass"].keys.current().signing.kid == key.kid


def test_the_last_activity_of_a_session_is_no_change(database_url: str, app: Flask, live: str) -> None:
    with detector_of(database_url) as (detector, sessions):
        assert eventually(lambda: is_listening(detector))
        before = detector.version()
        with sessions() as db, write_transaction(db):
            record_activity(db, [live], datetime.now(UTC) + 2 * ACTIVITY_INTERVAL)
        time.sleep(SHORT)
        assert detector.version() == before


class TestBrokenConnection:
    """The connection that listens breaks; nothing may be lost."""

    @pytest.fixture
    def one_attempt(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Connect once; a listener that already runs would still make another attempt."""
        monkeypatch.setattr(listener, "RETRY_SECONDS", LONG)

    @pytest.mark.usefixtures("one_attempt")  # set before anything listens
    def test_an_end_meanwhile_is_refused_within_the_poll(
        self, app: Flask, live: str, database: psycopg.Connection
    ) -> None:
        let_listen(app)
        assert not is_refused(app, live)
        broken = terminate_listeners(database)
        assert eventually(lambda: not is_listening(app.extensions["daypass"].replica._detector))
        assert not is_refused(app, live)
        database.execute(END, {"live": live})
        assert eventually(lambda: is_refused(app, live))
        assert broken and listening_backends(database) == []

    def test_the_next_connection_counts_as_a_change(
        self, detector: ChangeDetector, database: psycopg.Connection
    ) -> None:
        assert eventually(lambda: is_listening(detector))
        before = detector.version()
        terminate_listeners(database)
        assert eventually(lambda: not is_listening(detector))
        assert eventually(lambda: is_listening(detector))
        assert detector.version() > before

    def test_ends_while_it_breaks_again_and_again_are_all_refused(
        self, app: Flask, sign_in: Callable[..., Person], database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listener, "RETRY_SECONDS", 0.01)
        monkeypatch.setattr(listener, "REREAD_SECONDS", LONG)
        ended = [sign_in(f"person{number}").claims.session_id for number in range(20)]
        let_listen(app)
        for session_id in ended:
            terminate_listeners(database)
            database.execute(END, {"live": session_id})
            assert eventually(partial(is_refused, app, session_id))

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to stop a process of PostgreSQL")
    def test_a_connection_that_is_dead_without_a_sign_is_not_relied_on(
        self, detector: ChangeDetector, database: psycopg.Connection
    ) -> None:
        assert eventually(lambda: is_listening(detector))
        before = detector.version()
        (backend,) = listening_backends(database)
        os.kill(backend, signal.SIGSTOP)
        try:
            database.execute("NOTIFY daypass")
            assert eventually(lambda: not is_listening(detector))
            first = detector.version()
            assert eventually(lambda: detector.version() > first), "it polls"
        finally:
            os.kill(backend, signal.SIGCONT)
        assert eventually(lambda: is_listening(detector))
        assert detector.version() > before


def terminate_listeners(database: psycopg.Connection) -> list[int]:
    """Break the connections that listen; returns the process ids that they had in PostgreSQL."""
    pids = listening_backends(database)
    for pid in pids:
        database.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    return pids


def test_a_change_that_is_not_notified_is_read_between_requests(
    app: Flask, live: str, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "HEARTBEAT_SECONDS", SHORT)
    monkeypatch.setattr(listener, "REREAD_SECONDS", SHORT)
    let_listen(app)
    assert not is_refused(app, live)
    database.execute("ALTER TABLE sessions DISABLE TRIGGER USER")
    database.execute(END, {"live": live})
    assert eventually(lambda: is_refused(app, live))


def test_closing_ends_the_thread_and_its_connection_and_the_next_use_begins_anew(
    detector: ChangeDetector, database: psycopg.Connection
) -> None:
    of_others = listener_threads()
    assert eventually(lambda: is_listening(detector))
    before = detector.version()
    (thread,) = listener_threads() - of_others
    assert len(listening_backends(database)) == 1
    detector.close()
    assert not thread.is_alive()
    assert eventually(lambda: listening_backends(database) == [])
    assert eventually(lambda: is_listening(detector))
    (another,) = listener_threads() - of_others
    assert another is not thread
    assert detector.version() > before


def test_a_process_that_is_forked_listens_by_itself(detector: ChangeDetector, database: psycopg.Connection) -> None:
    assert eventually(lambda: is_listening(detector))
    (of_parent,) = listening_backends(database)
    forking = multiprocessing.get_context("fork")
    done = forking.Event()

    def listen_until_done() -> None:
        detector.close()  # has no effect on the parent
        assert eventually(lambda: is_listening(detector))
        done.wait()
        detector.close()

    child = forking.Process(target=listen_until_done)
    child.start()
    try:
        assert eventually(lambda: len(listening_backends(database)) == 2)
        done.set()
        child.join(timeout=20)
        assert child.exitcode == 0
    finally:
        child.kill()
    assert eventually(lambda: listening_backends(database) == [of_parent])
    assert heartbeats(database, of_parent) <= 2
    before = detector.version()
    assert is_listening(detector)
    database.execute("NOTIFY daypass")
    assert eventually(lambda: detector.version() > before)


def heartbeats(database: psycopg.Connection, backend: int) -> int:
    """How many different queries a connection was seen to run, in a quarter of the time between two heartbeats."""
    seen = set()
    for _ in range(10):
        seen |= set(database.execute("SELECT query_start FROM pg_stat_activity WHERE pid = %s", [backend]))
        time.sleep(listener.HEARTBEAT_SECONDS / 40)
    return len(seen)


def test_behind_a_pooler_it_polls(postgres: Postgres, database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """In transaction mode PgBouncer accepts LISTEN, and drops the notifications."""
    with running_pgbouncer(postgres) as port:
        pooled = database_url.replace(f":{postgres.port}/", f":{port}/")
        with detector_of(pooled) as (detector, _):
            first = detector.version()
            assert eventually(lambda: "may not pass the connection pooler" in caplog.text)
            assert eventually(lambda: detector.version() > first)
            assert not is_listening(detector)


def test_a_server_that_cannot_be_reached_is_reported_once_without_password_or_host(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "RETRY_SECONDS", 0.01)
    caplog.set_level(logging.DEBUG)
    with detector_of(f"postgresql+psycopg://daypass:{SECRET_KEY}@127.0.0.1:{free_port()}/nowhere") as (detector, _):
        first = detector.version()
        assert eventually(lambda: detector.version() > first)
        time.sleep(POLL_SECONDS)
    (line,) = [record.getMessage() for record in caplog.records if "notifications" in record.getMessage()]
    assert "OperationalError" in line
    assert SECRET_KEY not in caplog.text and "127.0.0.1" not in caplog.text
