"""An ended session is refused in other workers and on other nodes."""

import http.client
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from daypass.accounts import accounts, credentials, setup
from daypass.accounts.errors import SetupComplete, WrongCredentials
from daypass.database.change_detector import POLL_SECONDS
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.sessions import lifecycle
from daypass.tokens.errors import InvalidToken
from daypass.web.context import current_db, current_runtime
from tests.conftest import Person, postgres_database
from tests.helpers.listening import LISTENERS
from tests.helpers.nodes import Delay, delays, running_nodes, summary, tokens_of_alice
from tests.helpers.postgres import Postgres
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.helpers.workers import connections_to_both_workers, status_of

TRIALS = rounds(full=200, quick=100)
BROKEN_TRIALS = rounds(full=20, quick=10)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux, to tell which worker responses")
def test_a_session_ended_in_one_worker_is_refused_by_the_others_next_request(tmp_path: Path) -> None:
    with running(tmp_path, DAYPASS_WORKERS="2") as server:
        tokens = tokens_of_alice(server, TRIALS)
        with connections_to_both_workers(server) as workers:
            missed = [
                token
                for trial, token in enumerate(tokens)
                if not is_refused_by_the_other(token, workers[:: (-1) ** trial])
            ]
    assert missed == []


def is_refused_by_the_other(token: str, workers: list[http.client.HTTPConnection]) -> bool:
    """Whether the second worker's next request sees that the first ended it."""
    ender, other = workers
    assert [status_of(worker, "GET", "/members", token) for worker in workers] == [200, 200]
    assert status_of(ender, "POST", "/logout", token) == 204
    return status_of(other, "GET", "/members", token) == 401


@pytest.fixture
def nodes(postgres: Postgres, tmp_path: Path) -> Iterator[list[Server]]:
    """Three nodes on one PostgreSQL database.

    The clocks of two are half a minute off.
    """
    if shutil.which("faketime") is None and os.environ.get("CI"):
        pytest.fail("faketime is not installed")
    with contextmanager(postgres_database)(postgres) as url, running_nodes(tmp_path, url) as nodes:
        yield nodes


def test_a_session_ended_on_one_node_is_refused_by_all_within_half_a_second(
    nodes: list[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a second holds without notifications too; `benchmarks.revocation_nodes` measures how much faster it is."""
    found = [delay.after_response for delay in delays(nodes, tokens_of_alice(nodes[0], TRIALS))]
    with capsys.disabled():
        print(f"\n{TRIALS} sessions ended on one of 3 nodes, until the other two refuse them: {summary(found)}")
    assert max(found) <= POLL_SECONDS


def test_without_notifications_it_is_refused_within_half_a_second_too(nodes: list[Server], postgres: Postgres) -> None:
    """The connections that listen are broken before each end; nodes open new ones half a second later."""
    tokens = tokens_of_alice(nodes[0], BROKEN_TRIALS)
    database = nodes[0].environ["DAYPASS_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(database, autocommit=True) as connection:
        found: list[Delay] = []
        for number, token in enumerate(tokens):
            connection.execute(f"SELECT pg_terminate_backend(pid) {LISTENERS}".encode())
            found += delays(nodes[number % 3 :] + nodes[: number % 3], [token])
    assert max(delay.after_response for delay in found) <= POLL_SECONDS


class TestOnPostgres:
    """PostgreSQL only: transactions that commit in a different order than they began."""

    @pytest.fixture
    def database_url(self, postgres: Postgres) -> Iterator[str]:
        yield from postgres_database(postgres)

    def test_an_end_that_commits_after_one_begun_later_is_not_lost(
        self, app: Flask, sign_in: Callable[..., Person], database_url: str
    ) -> None:
        slow, fast, live = (sign_in("alice").claims.session_id for _ in range(3))
        with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
            connection.execute(
                "UPDATE sessions SET ended_at = clock_timestamp(), end_reason = 'slow' WHERE id = %s", [slow]
            )
            with app.app_context(), write_transaction(current_db()):
                lifecycle.end(current_db(), fast, "fast")
            assert [is_refused(app, session_id) for session_id in (slow, fast, live)] == [False, True, False]
            time.sleep(2 * POLL_SECONDS)
            assert [is_refused(app, session_id) for session_id in (slow, fast, live)] == [False, True, False]
            connection.commit()
        time.sleep(POLL_SECONDS)
        assert [is_refused(app, session_id) for session_id in (slow, fast, live)] == [True, True, False]

    def test_a_sign_in_during_a_password_change_happens_before_or_after_it(
        self, app: Flask, sign_in: Callable[..., Person], password_hash: str
    ) -> None:
        """The sign-in waits for the uncommitted change, and is then refused."""
        alice = sign_in("alice").claims.subject
        proof = credentials.PasswordProof(alice, password_hash)

        def redeem_proof() -> str:
            with app.app_context():
                try:
                    with write_transaction(current_db()):
                        return credentials.redeem(current_db(), proof).name
                except WrongCredentials as error:
                    return error.reason

        with ThreadPoolExecutor(1) as executor, app.app_context():
            with write_transaction(current_db()):
                accounts.set_password(current_db(), current_db().get_one(Account, alice), "another hash")
                late = executor.submit(redeem_proof)
                with pytest.raises(TimeoutError):
                    late.result(timeout=0.5)
            assert late.result() == "changed meanwhile"

    def test_of_ten_concurrent_requests_for_the_first_account_one_succeeds(
        self, app: Flask, make_app: Callable[[], Flask], password_hash: str
    ) -> None:
        with app.app_context(), write_transaction(current_db()):
            setup.replace_link(current_db(), "the code", datetime.now(UTC))

        def create_first(number: int) -> bool:
            with app.app_context():
                try:
                    with write_transaction(current_db()):
                        accounts.create_first(
                            current_db(), "the code", datetime.now(UTC), f"admin{number}", password_hash
                        )
                except SetupComplete:
                    return False
                return True

        with ThreadPoolExecutor(10) as executor:
            assert sum(executor.map(create_first, range(10))) == 1


def is_refused(app: Flask, session_id: str) -> bool:
    with app.app_context():
        try:
            current_runtime().replica.refresh()
            current_runtime().revocations.check(session_id)
        except InvalidToken:
            return True
    return False
