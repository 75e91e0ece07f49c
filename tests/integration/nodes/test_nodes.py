"""An end is heard of everywhere: by the other worker at its next request, by other nodes within half a second."""

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

from app import create_app
from daypass.accounts import accounts, credentials, setup
from daypass.accounts.errors import SetupComplete, WrongCredentials
from daypass.database.change_detector import POLL_SECONDS
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.sessions import lifecycle
from daypass.settings.environment import read_settings
from daypass.tokens.errors import InvalidToken
from daypass.web.context import current_db, current_runtime
from tests.conftest import PASSWORD, SECRET_KEY, Person, close_app, new_session, postgres_database
from tests.helpers.postgres import Postgres
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.helpers.workers import connections_to_both_workers, status_of

TRIALS = rounds(full=500, quick=100)
BATCH = 25


def tokens_of_alice(server: Server, many: int) -> list[str]:
    """Tokens of so many sessions of one account of this server; a password is hashed once, for the account."""
    server.flask("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
    app = create_app(read_settings({k: v for k, v in server.variables().items() if k.startswith("DAYPASS_")}))
    with app.app_context():
        alice = current_db().scalars(select(Account.id)).one()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifecycle, "MAX_LIVE_SESSIONS", many)
        made = [new_session(app, alice)[1] for _ in range(many)]
    close_app(app)
    return made


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux, to tell which worker answers")
def test_an_end_in_one_worker_is_refused_by_the_other_at_its_very_next_request(tmp_path: Path) -> None:
    with running(tmp_path, DAYPASS_WORKERS="2") as server:
        tokens = tokens_of_alice(server, TRIALS)
        with connections_to_both_workers(server) as workers:
            late = [token for trial, token in enumerate(tokens) if not is_heard(token, workers[:: (-1) ** trial])]
    assert late == []


def is_heard(token: str, workers: list[http.client.HTTPConnection]) -> bool:
    """Whether the second worker refuses at its next request what the first one has ended."""
    ender, other = workers
    assert [status_of(one, "GET", "/members", token) for one in workers] == [200, 200]
    assert status_of(ender, "POST", "/logout", token) == 204
    return status_of(other, "GET", "/members", token) == 401


@pytest.fixture
def nodes(postgres: Postgres, tmp_path: Path) -> Iterator[list[Server]]:
    """Three nodes on one PostgreSQL, the clocks of two of them half a minute off."""
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


def test_an_end_on_one_node_is_refused_by_all_within_half_a_second(
    nodes: list[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = tokens_of_alice(nodes[0], TRIALS)
    slowest = 0.0
    for start in range(0, TRIALS, BATCH):
        ender = start // BATCH % 3  # the others commit nothing meanwhile: they have to find out by themselves
        slowest = max([slowest, *delays(nodes[ender:] + nodes[:ender], tokens[start : start + BATCH])])
    with capsys.disabled():
        print(
            f"\n{TRIALS} sessions ended on one of 3 nodes: the last node let one in until {slowest:.3f} s after its end"
        )
    assert 0 < slowest <= POLL_SECONDS


def delays(nodes: list[Server], tokens: list[str]) -> Iterator[float]:
    """Ended on the first node: how long after the end was answered each request began that was still let in."""
    connections = [http.client.HTTPConnection("127.0.0.1", node.port, timeout=20) for node in nodes]
    for token in tokens:
        assert [status_of(one, "GET", "/members", token) for one in connections] == [200] * 3
    open_to = {}
    for token in tokens:
        assert status_of(connections[0], "POST", "/logout", token) == 204
        open_to[token] = (time.monotonic(), connections[:])
    while open_to:
        for token, (ended, still_in) in list(open_to.items()):
            began = time.monotonic()
            letting_in = [one for one in still_in if status_of(one, "GET", "/members", token) == 200]
            open_to[token] = (ended, letting_in)
            if letting_in:
                yield began - ended
            else:
                del open_to[token]
    for connection in connections:
        connection.close()


class TestOnPostgres:
    """What PostgreSQL does that SQLite does not: transactions that commit in another order than they began."""

    @pytest.fixture
    def database_url(self, postgres: Postgres) -> Iterator[str]:
        yield from postgres_database(postgres)

    def test_an_end_that_commits_after_a_later_one_is_not_lost(
        self, app: Flask, sign_in: Callable[..., Person], database_url: str
    ) -> None:
        slow, fast, live = (sign_in("alice").claims.session_id for _ in range(3))
        with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
            connection.execute(
                "UPDATE sessions SET ended_at = clock_timestamp(), end_reason = 'slow' WHERE id = %s", [slow]
            )
            with app.app_context(), write_transaction(current_db()):
                lifecycle.end(current_db(), fast, "fast")
            assert [is_refused(app, one) for one in (slow, fast, live)] == [False, True, False]
            time.sleep(2 * POLL_SECONDS)
            assert [is_refused(app, one) for one in (slow, fast, live)] == [False, True, False]
            connection.commit()
        time.sleep(POLL_SECONDS)
        assert [is_refused(app, one) for one in (slow, fast, live)] == [True, True, False]

    def test_a_sign_in_beside_a_change_of_password_comes_before_or_after_it(
        self, app: Flask, sign_in: Callable[..., Person], password_hash: str
    ) -> None:
        """The old password is proved, the new one set and not yet committed: the sign-in waits, and is refused."""
        alice = sign_in("alice").claims.subject
        proof = credentials.PasswordProof(alice, password_hash)

        def sign_in_late() -> str:
            with app.app_context():
                try:
                    with write_transaction(current_db()):
                        return credentials.redeem(current_db(), proof).name
                except WrongCredentials as error:
                    return error.reason

        with ThreadPoolExecutor(1) as meanwhile, app.app_context():
            with write_transaction(current_db()):
                accounts.set_password(current_db(), current_db().get_one(Account, alice), "another hash")
                late = meanwhile.submit(sign_in_late)
                with pytest.raises(TimeoutError):
                    late.result(timeout=0.5)
            assert late.result() == "changed meanwhile"

    def test_of_ten_that_ask_for_the_first_account_at_once_one_gets_it(
        self, app: Flask, make_app: Callable[[], Flask], password_hash: str
    ) -> None:
        with app.app_context(), write_transaction(current_db()):
            setup.replace_link(current_db(), "the link")

        def ask(number: int) -> bool:
            with app.app_context():
                try:
                    with write_transaction(current_db()):
                        accounts.create_first(current_db(), "the link", f"admin{number}", password_hash)
                except SetupComplete:
                    return False
                return True

        with ThreadPoolExecutor(10) as all_at_once:
            assert sum(all_at_once.map(ask, range(10))) == 1


def is_refused(app: Flask, session_id: str) -> bool:
    with app.app_context():
        try:
            current_runtime().replica.refresh()
            current_runtime().revocations.check(session_id)
        except InvalidToken:
            return True
    return False
