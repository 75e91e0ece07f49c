"""An ended session is refused in other workers and on other nodes."""

import http.client
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from daypass.accounts import accounts, credentials, setup
from daypass.accounts.errors import SetupComplete, WrongCredentials
from daypass.database.change_detector import POLL_SECONDS
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.sessions import lifecycle
from daypass.tokens.errors import InvalidToken
from daypass.web.context import current_db, current_runtime
from tests.conftest import PASSWORD, SECRET_KEY, Person, new_session, postgres_database
from tests.helpers.factories import app_on_database_of
from tests.helpers.postgres import Postgres
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.helpers.workers import connections_to_both_workers, status_of

TRIALS = rounds(full=500, quick=100)
BATCH = 25


def tokens_of_alice(server: Server, count: int) -> list[str]:
    """Create an account and start many sessions of it; returns their tokens."""
    server.flask("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
    with app_on_database_of(server) as app, pytest.MonkeyPatch.context() as patch:
        with app.app_context():
            alice = current_db().scalars(select(Account.id)).one()
        patch.setattr(lifecycle, "MAX_LIVE_SESSIONS", count)
        return [new_session(app, alice)[1] for _ in range(count)]


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
    faketime = shutil.which("faketime")
    if faketime is None and os.environ.get("CI"):
        pytest.fail("faketime is not installed")
    clocks = [[], *([faketime, "-f", off] if faketime else [] for off in ("-30s", "+30s"))]
    with ExitStack() as stack:
        url = stack.enter_context(contextmanager(postgres_database)(postgres))
        folders = [tmp_path / f"node{number}" for number in range(3)]
        for folder in folders:
            folder.mkdir()
        yield [stack.enter_context(node(folder, url, clock)) for folder, clock in zip(folders, clocks, strict=True)]


def node(folder: Path, url: str, clock: list[str]) -> AbstractContextManager[Server]:
    settings = {
        "DAYPASS_DATABASE_URL": url,
        "DAYPASS_SECRET_KEY": SECRET_KEY,
        "DAYPASS_BASE_URL": "http://127.0.0.1",
        "DAYPASS_WORKERS": "1",
    }
    return running(folder, command_prefix=clock, **settings)


def test_a_session_ended_on_one_node_is_refused_by_all_within_half_a_second(
    nodes: list[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = tokens_of_alice(nodes[0], TRIALS)
    slowest = 0.0
    for start in range(0, TRIALS, BATCH):
        ender = start // BATCH % 3  # the other nodes commit nothing, so nothing makes them read the database early
        slowest = max([slowest, *delays(nodes[ender:] + nodes[:ender], tokens[start : start + BATCH])])
    with capsys.disabled():
        print(f"\n{TRIALS} sessions ended on one of 3 nodes: the last node accepted one for another {slowest:.3f} s")
    assert slowest <= POLL_SECONDS


def delays(nodes: list[Server], tokens: list[str]) -> Iterator[float]:
    """End sessions on the first node.

    Yields how long after each end the requests began that were still accepted.
    """
    connections = [http.client.HTTPConnection("127.0.0.1", node.port, timeout=20) for node in nodes]
    for token in tokens:
        assert [status_of(connection, "GET", "/members", token) for connection in connections] == [200] * 3
    accepted_on = {}
    for token in tokens:
        assert status_of(connections[0], "POST", "/logout", token) == 204
        accepted_on[token] = (time.monotonic(), connections[:])
    while accepted_on:
        for token, (ended, still_accepting) in list(accepted_on.items()):
            began = time.monotonic()
            accepting = [
                connection for connection in still_accepting if status_of(connection, "GET", "/members", token) == 200
            ]
            accepted_on[token] = (ended, accepting)
            if accepting:
                yield began - ended
            else:
                del accepted_on[token]
    for connection in connections:
        connection.close()


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
            setup.replace_link(current_db(), "the link")

        def create_first(number: int) -> bool:
            with app.app_context():
                try:
                    with write_transaction(current_db()):
                        accounts.create_first(current_db(), "the link", f"admin{number}", password_hash)
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
