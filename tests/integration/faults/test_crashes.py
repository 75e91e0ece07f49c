"""Workers are killed under load: nothing confirmed is lost."""

import http.client
import itertools
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import PASSWORD
from tests.helpers.factories import SESSIONS_PER_ACCOUNT, add_sessions
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.helpers.workers import status_of
from tests.integration.faults.load import (
    Attempt,
    background_load,
    eventually,
    get_gated_page,
    is_success,
    send_form,
    sign_in,
    sign_out,
    unexpected_errors,
)
from tests.integration.faults.worker_processes import kill, workers

SECONDS = rounds(full=20, quick=8)
RATE = 200  # requests per second, at most
CLIENTS = 8
SESSIONS = rounds(full=480, quick=160)  # sessions at the start
SIGN_IN_INTERVAL = 0.5  # seconds
MIN_AGE = 6.5  # seconds; Granian stops if a worker ends within 5.5 s of its start, which it calls a crash loop
KILL_INTERVAL = 2.0  # seconds, for the worker to be replaced
CONNECTIONS = 8  # persistent ones; all reach the same worker only once in 128 runs


@dataclass
class CrashRun:
    """What clients know, from the responses that they got, while workers are killed."""

    server: Server
    names: dict[str, str]  # account names by token
    live: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)  # tokens whose sign-out got no response
    accounts: set[str] = field(default_factory=set)  # names of accounts with a successful sign-in
    wrong: list[str] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)

    def expect(self, attempt: Attempt, correct: bool) -> Attempt:
        """Record a wrong response; a missing one is no error here."""
        if attempt.response and not correct:
            self.wrong.append(str(attempt))
        return attempt

    def shows_page(self, attempt: Attempt) -> bool:
        return attempt.status == 200 and f"Hello, {self.names[attempt.token]}." in attempt.body


class Visitor:
    """A client that requests gated pages and signs out now and then."""

    def __init__(self, run: CrashRun, live: list[str]) -> None:
        self.run = run
        self.live = live

    def __call__(self) -> Attempt:
        chance, page = secrets.randbelow(100), bool(secrets.randbelow(2))
        if chance < 5 and len(self.live) > SESSIONS_PER_ACCOUNT:
            return self.sign_out(self.live.pop(), page)
        if chance < 25 and self.run.ended:
            attempt = get_gated_page(self.run.server, secrets.choice(self.run.ended), page=page)
            return self.run.expect(attempt, attempt.status == 401)
        attempt = get_gated_page(self.run.server, secrets.choice(self.live), page=page)
        return self.run.expect(attempt, self.run.shows_page(attempt))

    def sign_out(self, token: str, page: bool) -> Attempt:
        attempt = sign_out(self.run.server, token, page=page)
        (self.run.ended if is_success(attempt) else self.run.unsure).append(token)
        return self.run.expect(attempt, attempt.status == (303 if page else 204))


class Newcomer:
    """A client that signs in by form and by JSON, and signs up.

    A 503 with Retry-After is a correct response.
    """

    def __init__(self, run: CrashRun) -> None:
        self.run = run
        self.count = itertools.count()
        self.known_names = itertools.cycle(sorted(set(run.names.values())))

    def __call__(self) -> Attempt:
        number = next(self.count)
        name = f"newcomer{number}" if number % 3 == 2 else next(self.known_names)
        if number % 3 == 2:
            attempt = send_form(self.run.server, "/signup", name)
        else:
            attempt = sign_in(self.run.server, name, page=number % 3 == 1)
        if is_success(attempt):
            self.run.names[attempt.new_token] = name
            self.run.live.append(attempt.new_token)
            self.run.accounts.add(name)
        return self.run.expect(attempt, attempt.status == (303 if number % 3 else 200) or attempt.says_retry_later)


def kill_at_random(server: Server) -> Iterator[float]:
    """Kill one worker after another for SECONDS; yields the time of each kill."""
    start = time.monotonic()
    first_seen = dict.fromkeys(workers(server), start - MIN_AGE)
    last = start
    while (now := time.monotonic()) < start + SECONDS:
        current = workers(server)
        old = [worker for worker in current if now - first_seen.setdefault(worker, now) >= MIN_AGE]
        if old and len(current) == 2 and now - last >= KILL_INTERVAL:
            kill(secrets.choice(old))
            last = now
            yield now
        time.sleep(0.05)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("crashes")
    with running(folder, DAYPASS_WORKERS="2", DAYPASS_SIGNUP="open", DAYPASS_LIMIT_SIGNUP="off") as server:
        yield server


@pytest.fixture(scope="module")
def run(server: Server, password_hash: str) -> CrashRun:
    """The run of SECONDS under load, in which workers are killed."""
    run = CrashRun(server, add_sessions(server, password_hash, SESSIONS))
    visitors = [Visitor(run, list(run.names)[number::CLIENTS]) for number in range(CLIENTS)]
    newcomer = Newcomer(run)
    with background_load(visitors, CLIENTS / RATE) as visits, background_load([newcomer], SIGN_IN_INTERVAL) as sign_ins:
        run.kills += kill_at_random(server)
    run.live += itertools.chain.from_iterable(visitor.live for visitor in visitors)
    run.attempts += visits + sign_ins
    assert eventually(lambda: len(workers(server)) == 2 and get_gated_page(server, run.live[0]).status == 200), (
        server.log
    )
    return run


@pytest.fixture(scope="module")
def verdicts(run: CrashRun) -> dict[str, set[int]]:
    """The statuses of every token from each worker."""
    with ExitStack() as stack:
        connections = []
        for _ in range(CONNECTIONS):
            connections.append(http.client.HTTPConnection("127.0.0.1", run.server.port, timeout=20))
            stack.callback(connections[-1].close)
        return {token: {status_of(each, "GET", "/members", token) for each in connections} for token in run.names}


def test_there_were_load_and_kills(run: CrashRun) -> None:
    assert run.kills
    assert run.ended
    assert run.accounts
    assert any(attempt.error for attempt in run.attempts)


def test_every_response_was_correct(run: CrashRun) -> None:
    assert run.wrong == []
    assert unexpected_errors(run.attempts) == []


def test_only_kills_broke_connections(run: CrashRun) -> None:
    others = [
        str(attempt)
        for attempt in run.attempts
        if attempt.error and not any(attempt.began - 1 < kill < attempt.ended for kill in run.kills)
    ]
    assert others == []


def test_the_server_itself_keeps_running(run: CrashRun) -> None:
    assert run.server.process is not None
    assert run.server.process.poll() is None, run.server.log


def test_no_session_that_ended_is_accepted_by_any_worker(run: CrashRun, verdicts: dict[str, set[int]]) -> None:
    assert {token: verdicts[token] for token in run.ended if verdicts[token] != {401}} == {}


def test_no_live_session_is_lost(run: CrashRun, verdicts: dict[str, set[int]]) -> None:
    assert {token: verdicts[token] for token in run.live if verdicts[token] != {200}} == {}


def test_an_interrupted_sign_out_is_either_done_or_not_done(run: CrashRun, verdicts: dict[str, set[int]]) -> None:
    assert all(verdicts[token] in ({200}, {401}) for token in run.unsure)


def test_nothing_in_the_database_is_half_written(run: CrashRun, verdicts: dict[str, set[int]]) -> None:
    run.server.stop()
    with closing(sqlite3.connect(Path(run.server.folder, "daypass.sqlite3"))) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        half = "SELECT id FROM sessions WHERE (ended_at IS NULL) <> (end_reason IS NULL) OR account_id IS NULL"
        assert database.execute(half).fetchall() == []
        ((ended,),) = database.execute("SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL")
        assert ended == sum(verdict == {401} for verdict in verdicts.values())
        names = {name for (name,) in database.execute("SELECT name FROM accounts")}
        assert run.accounts - names == set()


def test_a_restart_changes_no_verdict(run: CrashRun, verdicts: dict[str, set[int]]) -> None:
    run.server.stop()
    run.server.start()
    again = {token: {get_gated_page(run.server, token).status} for token in [*run.ended, *run.live, *run.unsure]}
    assert {token for token in again if again[token] != verdicts[token]} == set()
    assert sign_in(run.server, sorted(run.accounts)[0]).status == 200, PASSWORD
