"""The audit trail of a process: successes are stored at once, refusals are counted."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from daypass.audit import refusals
from daypass.audit.entry import new_entry
from daypass.audit.events import Event
from daypass.audit.refusals import OTHERS, RefusalCounts
from daypass.database.models import FormerName
from daypass.database.transactions import write_transaction
from tests.audit.conftest import StoredTrail
from tests.conftest import PASSWORD, Person
from tests.helpers.factories import add_account, app_on_database_of
from tests.helpers.server import running
from tests.integration.faults.worker_processes import workers


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Write no log lines: these tests record thousands of events."""
    log = logging.getLogger("daypass.events")
    level = log.level
    yield
    log.setLevel(level)


@contextmanager
def statements(stored: StoredTrail) -> Iterator[list[str]]:
    """The SQL statements that the app runs inside the block."""
    found: list[str] = []

    def keep(connection: object, cursor: object, statement: str, *rest: object) -> None:
        found.append(statement)

    event.listen(stored.runtime.engine, "before_cursor_execute", keep)
    yield found
    event.remove(stored.runtime.engine, "before_cursor_execute", keep)


def refuse(stored: StoredTrail, address: str = "192.0.2.1", reason: str = "expired", **facts: str) -> None:
    stored.trail.record(Event.TOKEN_REFUSED, "failure", address=address, reason=reason, **facts)


@pytest.mark.each_database
class TestSuccesses:
    """What was done is stored before the response."""

    def test_a_sign_in_is_one_row_with_its_facts(
        self, stored: StoredTrail, client: FlaskClient, add_account: Callable[..., str]
    ) -> None:
        account_id = add_account("alice")
        headers = {"User-Agent": "Test/1"}
        response = client.post("/login", json={"username": "alice", "password": PASSWORD}, headers=headers)
        (row,) = stored.rows()
        assert (row.event, row.outcome, row.count) == ("sign_in", "success", 1)
        assert (row.account_id, row.by_id, row.address) == (account_id, None, "127.0.0.1")
        assert row.request_id == response.headers["X-Request-Id"]
        assert '"user_agent": "Test/1"' in row.facts
        assert stored.verify().rows == 1

    @pytest.mark.parametrize("hostile", ["a\r\nb", "a\0b", "\ud800", "\u202e🦊", '"}'], ids=ascii)
    def test_hostile_text_is_stored_and_verifies(self, stored: StoredTrail, hostile: str) -> None:
        stored.trail.record(Event.SIGN_IN, "success", account="a" * 99, reason=hostile, address="::1%" + "x" * 99)
        (row,) = stored.rows()
        assert row.account_id == "a" * 32
        assert row.facts.isascii()
        assert stored.verify().rows == 1

    def test_an_act_on_another_account_names_both(self, stored: StoredTrail, sign_in: Callable[..., Person]) -> None:
        alice, bob = sign_in("alice", ["admin"]).claims, sign_in("bob").claims
        person = sign_in("alice")
        person.client.post(f"/admin/accounts/{bob.subject}/disable", headers={"Sec-Fetch-Site": "same-origin"})
        (row,) = stored.rows()
        assert (row.event, row.account_id, row.by_id) == ("account_disabled", bob.subject, alice.subject)

    def test_a_command_is_stored(self, app: Flask, stored: StoredTrail, add_account: Callable[..., str]) -> None:
        account_id = add_account("alice")
        app.test_cli_runner().invoke(args=["user", "disable", "alice"])
        (row,) = stored.rows()
        assert (row.event, row.account_id, row.by_id, row.address) == ("account_disabled", account_id, "terminal", None)

    def test_inside_a_write_transaction_it_is_refused(self, stored: StoredTrail) -> None:
        with stored.database() as db, write_transaction(db), pytest.raises(RuntimeError, match="inside a write"):
            stored.add(1)
        assert stored.rows() == []


@pytest.mark.each_database
class TestInTheTransactionOfTheAct:
    """A sign-in and its event are stored together."""

    def test_a_sign_in_is_one_commit_after_the_one_that_counts_the_attempt(
        self, stored: StoredTrail, client: FlaskClient, add_account: Callable[..., str]
    ) -> None:
        add_account("alice")
        form, commits = {"username": "alice", "password": PASSWORD}, list[object]()
        client.post("/login", data=form)  # creates the signing key
        event.listen(stored.runtime.engine, "commit", commits.append)
        response = client.post("/login", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert response.status_code == 303
        assert len(commits) == 2
        assert [row.event for row in stored.rows()] == ["sign_in", "sign_in"]

    def test_an_act_that_is_rolled_back_is_no_event(
        self, stored: StoredTrail, events: Callable[[], list[object]]
    ) -> None:
        with stored.database() as db:
            with pytest.raises(ZeroDivisionError), write_transaction(db):
                stored.trail.record_with(db, Event.SIGN_IN, account="a")
                raise ZeroDivisionError
            with write_transaction(db):
                pass
        assert (stored.rows(), events()) == ([], [])

    def test_an_event_that_cannot_be_stored_does_not_prevent_the_act(
        self, stored: StoredTrail, events: Callable[[], list[object]]
    ) -> None:
        stored.add(1)
        stored.execute("ALTER TABLE events RENAME TO hidden")
        with stored.database() as db, write_transaction(db):
            db.add(FormerName(name="alice"))
            stored.trail.record_with(db, Event.ACCOUNT_DELETED, account="a")
            assert len(events()) == 1
        assert len(events()) == 2
        stored.execute("ALTER TABLE hidden RENAME TO events")
        with stored.database() as db:
            assert db.get(FormerName, "alice") is not None
        assert (len(stored.rows()), stored.verify().rows) == (1, 1)
        stored.trail.flush()
        assert [row.event for row in stored.rows()] == ["sign_in", "account_deleted"]
        assert stored.verify().rows == 2


class TestADatabaseThatFails:
    """The response goes out, the log has the event, and the row follows."""

    @pytest.fixture
    def broken(self, stored: StoredTrail) -> Iterator[None]:
        stored.execute("ALTER TABLE events RENAME TO hidden")
        yield
        stored.trail.close()

    @pytest.mark.usefixtures("broken")
    def test_a_sign_in_works_and_its_row_is_stored_later(
        self,
        stored: StoredTrail,
        client: FlaskClient,
        add_account: Callable[..., str],
        events: Callable[[], list[object]],
    ) -> None:
        add_account("alice")
        assert client.post("/login", json={"username": "alice", "password": PASSWORD}).status_code == 200
        refuse(stored)
        stored.trail.flush()
        assert len(events()) == 2
        stored.execute("ALTER TABLE hidden RENAME TO events")
        assert stored.rows() == []
        stored.trail.flush()
        assert sorted(row.event for row in stored.rows()) == ["sign_in", "token_refused"]
        assert stored.verify().rows == 2

    def test_a_broken_trail_is_an_error_in_the_log(self, stored: StoredTrail, caplog: pytest.LogCaptureFixture) -> None:
        stored.add(1)
        stored.execute("UPDATE event_chain SET head_id = 0")
        stored.add(1)
        assert "1 events are only in the log. The record of where the audit trail begins" in caplog.text
        assert len(stored.rows()) == 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of the limits, at the beginning of a minute."""
    clock = SimpleNamespace(now=60_000.0)
    monkeypatch.setattr(refusals, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class TestRefusals:
    """Refusals cost strangers nothing, so they are never stored one by one."""

    def test_equal_refusals_are_one_row_with_their_number(self, stored: StoredTrail) -> None:
        for number in range(500):
            refuse(stored, path=f"/{number}", request=f"r{number}")
        refuse(stored, "192.0.2.2")
        refuse(stored, reason="forged")
        assert stored.rows() == []
        stored.trail.flush()
        found = [(row.address, row.count, row.request_id) for row in stored.rows()]
        assert found == [("192.0.2.1", 500, "r0"), ("192.0.2.2", 1, None), ("192.0.2.1", 1, None)]
        stored.trail.flush()
        assert len(stored.rows()) == 3
        assert stored.verify().rows == 3

    def test_a_gated_request_runs_no_statement(
        self, stored: StoredTrail, client: FlaskClient, sign_in: Callable[..., Person]
    ) -> None:
        alice = sign_in("alice")
        alice.client.get("/members")
        with statements(stored) as found:
            assert client.get("/members", headers={"Authorization": "Bearer a.b.c"}).status_code == 401
            assert alice.client.get("/admin").status_code == 403
            assert alice.client.get("/members").status_code == 200
        assert found == []
        stored.trail.flush()
        assert [row.event for row in stored.rows()] == ["token_refused", "role_missing"]

    def test_a_minute_of_2000_refusals_a_second_from_many_addresses_adds_a_limited_number_of_rows(
        self, stored: StoredTrail, clock: SimpleNamespace
    ) -> None:
        logging.getLogger("daypass.events").setLevel(logging.CRITICAL)
        for second in range(60):
            clock.now = 60_000.0 + second
            for number in range(2000):
                refuse(stored, f"198.51.{number % 250}.{second}")
            stored.trail.flush()
        assert len(stored.rows()) <= refusals.ROWS_PER_MINUTE + 1
        clock.now += 60
        stored.trail.flush()
        rows = stored.rows()
        assert len(rows) <= refusals.ROWS_PER_MINUTE + 2
        assert sum(row.count for row in rows) == 60 * 2000
        assert (rows[-1].address, OTHERS in rows[-1].facts) == (None, True)

    @pytest.mark.usefixtures("clock")
    def test_what_is_held_in_memory_is_limited(self) -> None:
        counts = RefusalCounts()
        for number in range(5000):
            counts.add(new_entry(Event.TOKEN_REFUSED, "failure", {"address": str(number)}))
        assert len(counts._kinds) == refusals.MAX_KINDS
        assert sum(entry.count for entry in counts.take(everything=True)) == 5000
        assert counts.take(everything=True) == []

    @pytest.mark.usefixtures("clock")
    def test_a_flood_of_one_event_hides_no_other(self, stored: StoredTrail) -> None:
        for number in range(1000):
            refuse(stored, str(number))
        stored.trail.record(Event.SIGN_IN, "failure", account="a1", reason="wrong password")
        stored.trail.close()
        assert [row.event for row in stored.rows()].count("sign_in") == 1
        assert stored.rows()[-1].event == "sign_in"

    def test_the_thread_stores_them(self, stored: StoredTrail) -> None:
        refuse(stored)
        rounds = iter([False, True])
        stored.trail.start(pause=lambda: next(rounds)).join(30)
        assert [row.event for row in stored.rows()] == ["token_refused"]

    def test_threads_lose_no_count(self, stored: StoredTrail) -> None:
        logging.getLogger("daypass.events").setLevel(logging.CRITICAL)

        def refuse_often() -> None:
            for _ in range(300):
                refuse(stored)

        done = threading.Event()
        flusher = stored.trail.start(pause=done.is_set)
        threads = [threading.Thread(target=refuse_often) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        flusher.join()
        stored.trail.close()
        assert sum(row.count for row in stored.rows()) == 1200
        assert stored.verify().rows == len(stored.rows())

    def test_closing_stores_what_is_pending(self, stored: StoredTrail) -> None:
        refuse(stored)
        stored.runtime.close()
        assert len(stored.rows()) == 1


def test_several_apps_in_one_process_have_trails_of_their_own(stored: StoredTrail, another: StoredTrail) -> None:
    refuse(stored)
    another.trail.close()
    assert stored.rows() == []
    stored.trail.close()
    assert len(stored.rows()) == 1


def test_a_killed_worker_loses_no_success_and_a_stopped_one_no_refusal(tmp_path: Path, password_hash: str) -> None:
    with running(tmp_path, DAYPASS_WORKERS="1") as server:
        add_account(server, password_hash, "alice")
        for _ in range(3):
            server.sign_in("alice", PASSWORD)
        server.stop(signal.SIGKILL)
        server.start()
        assert workers(server)
        server.sign_in("alice", PASSWORD)
        assert server.request("GET", "/members", {"Authorization": "Bearer a.b.c"}).status == 401
        server.stop()
        with app_on_database_of(server) as app:
            stored = StoredTrail(app)
            assert [row.event for row in stored.rows()] == ["sign_in"] * 4 + ["token_refused"]
            secret = app.extensions["daypass"].settings.secret_key
            assert stored.verify(secret).rows == 5
