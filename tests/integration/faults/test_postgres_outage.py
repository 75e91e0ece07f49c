"""PostgreSQL stops, is unreachable, empty or slow; nodes shut and recover."""

import itertools
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.conftest import PAGE, SECRET_KEY, migrate_database
from tests.helpers.factories import add_sessions
from tests.helpers.postgres import INSTALL_HINT, Postgres, is_installed, running_postgres
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, free_port, running
from tests.helpers.startup import start_error
from tests.integration.faults.load import (
    TIMEOUT,
    Attempt,
    background_load,
    eventually,
    get_gated_page,
    is_success,
    send_request,
    sign_in,
    sign_out,
    unexpected_errors,
)

GRACE = 2  # seconds
POLL = 0.5  # seconds since a node's last query, at most, when the database goes away
SLACK = 1.0  # seconds
HANGS = 10.0  # seconds; more than a request may take while the database does not response
LOCK_WAIT = 3.0  # seconds; a node waits 5 s for a lock
STARTERS = rounds(full=10, quick=3)
UNREACHABLE = "The database cannot be reached right now."


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """This module's own server, because it is stopped."""
    if not is_installed():
        skip_or_fail(INSTALL_HINT)
    with running_postgres() as server:
        yield server


def settings(postgres: Postgres, database: str) -> dict[str, str]:
    """The settings that all nodes on one database share."""
    return {
        "DAYPASS_DATABASE_URL": postgres.url(database),
        "DAYPASS_SECRET_KEY": SECRET_KEY,
        "DAYPASS_BASE_URL": "http://127.0.0.1",
        "DAYPASS_WORKERS": "1",
        "DAYPASS_REVOCATION_GRACE": str(GRACE),
    }


@pytest.fixture(scope="module")
def nodes(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    postgres.execute("CREATE DATABASE two_nodes")
    with ExitStack() as stack:
        folders = [tmp_path_factory.mktemp(f"node{number}") for number in range(2)]
        yield [stack.enter_context(running(folder, **settings(postgres, "two_nodes"))) for folder in folders]


@dataclass
class Outage:
    """The attempts before, during and after the time when PostgreSQL was stopped."""

    nodes: list[Server]
    live: str  # tokens
    ended: str
    ended_late: str
    load: list[list[Attempt]] = field(default_factory=list)  # by node
    stopping: float = 0.0
    stopped: float = 0.0
    shut: bool = False
    opened: bool = False
    in_grace: dict[str, Attempt] = field(default_factory=dict)
    after_grace: dict[str, Attempt] = field(default_factory=dict)
    afterwards: list[Attempt] = field(default_factory=list)

    @property
    def attempts(self) -> list[Attempt]:
        probes = [*self.in_grace.values(), *self.after_grace.values()]
        return [*itertools.chain.from_iterable(self.load), *probes, *self.afterwards]


def probe(node: Server, disposable: str, *, page: bool) -> dict[str, Attempt]:
    """One request of each kind, as a browser or as a program.

    `disposable` is a session that is signed out.
    """
    headers = PAGE if page else {}
    return {
        "healthz": send_request(node, "GET", "/healthz", headers),
        "readyz": send_request(node, "GET", "/readyz", headers),
        "home": send_request(node, "GET", "/", headers),
        "sign-in page": send_request(node, "GET", "/login", headers),
        "sign in": sign_in(node, "person0", page=page),
        "gated": get_gated_page(node, disposable, page=page),
        "sign out": sign_out(node, disposable, page=page),
    }


def probes(nodes: list[Server], kept: list[str]) -> dict[str, Attempt]:
    """Send all requests: to one node as a program, to the other as a browser."""
    named = {"program": probe(nodes[0], kept[0], page=False), "browser": probe(nodes[1], kept[1], page=True)}
    return {f"{name}, {who}": attempt for who, attempts in named.items() for name, attempt in attempts.items()}


@pytest.fixture(scope="module")
def outage(postgres: Postgres, nodes: list[Server], password_hash: str) -> Outage:
    """Stop PostgreSQL for longer than the grace, and restart it, under load."""
    live, ended, ended_late, *kept = add_sessions(nodes[0], password_hash, 7)
    outage = Outage(nodes, live, ended, ended_late)
    assert {get_gated_page(node, token).status for node in nodes for token in (live, ended, ended_late, *kept)} == {200}
    assert sign_out(nodes[0], ended).status == 204
    assert eventually(lambda: {get_gated_page(node, ended).status for node in nodes} == {401})
    with ExitStack() as stack:
        outage.load += [stack.enter_context(background_load(callers(outage, node), interval=0.1)) for node in nodes]
        assert eventually(lambda: all(len(attempts) > 10 for attempts in outage.load))
        assert sign_out(nodes[0], ended_late).status == 204
        outage.stopping = time.monotonic()
        postgres.stop()
        try:
            outage.stopped = time.monotonic()
            outage.in_grace = probes(nodes, kept[:2])
            outage.shut = eventually(lambda: all(get_gated_page(node, live).status == 503 for node in nodes))
            outage.after_grace = probes(nodes, kept[2:])
        finally:
            postgres.start()
        outage.opened = eventually(lambda: all(is_open(node, live) for node in nodes))
    outage.afterwards += [get_gated_page(node, token) for node in nodes for token in (live, ended, ended_late, *kept)]
    outage.afterwards += [sign_in(node, "person0", page=page) for node in nodes for page in (False, True)]
    return outage


def callers(outage: Outage, node: Server) -> list[Callable[[], Attempt]]:
    """A light load of gated pages on a node."""
    return [
        lambda: get_gated_page(node, outage.live),
        lambda: get_gated_page(node, outage.live, page=True),
        lambda: get_gated_page(node, outage.ended),
    ]


def is_open(node: Server, token: str) -> bool:
    ready = send_request(node, "GET", "/readyz", {}).status
    return (get_gated_page(node, token).status, ready) == (200, 200)


def with_live_session(outage: Outage) -> list[list[Attempt]]:
    """For each node, the load's attempts with the live session."""
    return [[attempt for attempt in attempts if attempt.token == outage.live] for attempts in outage.load]


def test_gated_pages_go_on_within_the_grace(outage: Outage) -> None:
    for attempts in with_live_session(outage):
        certain_until = max(attempt.began for attempt in attempts if attempt.ended < outage.stopping) - POLL + GRACE
        within = [attempt for attempt in attempts if attempt.ended < certain_until]
        assert {str(attempt) for attempt in within if attempt.status != 200} == set()
        assert [attempt for attempt in within if attempt.began > outage.stopped]


def test_the_gate_shuts_when_the_grace_is_over(outage: Outage) -> None:
    assert outage.shut
    late = outage.stopped + GRACE + SLACK
    for attempts in with_live_session(outage):
        shut = next(attempt.began for attempt in attempts if attempt.status == 503)
        assert outage.stopping - POLL + GRACE - SLACK < shut < late + SLACK
    gated = [
        attempt for name, attempt in outage.after_grace.items() if name.startswith("gated") and attempt.began > late
    ]
    assert {attempt.status for attempt in gated} <= {503}


def test_a_browser_gets_a_page_with_a_message_and_a_program_problem_details(outage: Outage) -> None:
    for name in ("gated", "sign in"):
        page, problem = outage.after_grace[f"{name}, browser"], outage.after_grace[f"{name}, program"]
        assert page.says_retry_later and problem.says_retry_later, (str(page), str(problem))
        assert (page.media, problem.media) == ("text/html", "application/problem+json")
        assert UNREACHABLE in page.body
        assert problem.response and problem.response.json()["detail"].startswith(UNREACHABLE)


def test_nobody_can_sign_in_during_the_outage(outage: Outage) -> None:
    attempts = {**{f"{k}, in grace": v for k, v in outage.in_grace.items()}, **outage.after_grace}
    assert {
        k: str(attempt) for k, attempt in attempts.items() if k.startswith("sign in") and not attempt.says_retry_later
    } == {}


def test_a_sign_out_in_the_grace_reports_failure(outage: Outage) -> None:
    attempts = outage.in_grace
    assert {
        k: str(attempt) for k, attempt in attempts.items() if k.startswith("sign out") and not attempt.says_retry_later
    } == {}


def test_a_sign_out_after_the_grace_reports_failure(outage: Outage) -> None:
    attempts = outage.after_grace
    assert {
        k: str(attempt) for k, attempt in attempts.items() if k.startswith("sign out") and not attempt.says_retry_later
    } == {}


def test_a_session_with_a_confirmed_sign_out_is_refused_afterwards(outage: Outage) -> None:
    attempts = [*outage.in_grace.values(), *outage.after_grace.values()]
    done = {attempt.token for attempt in attempts if attempt.request == "POST /logout" and is_success(attempt)}
    assert [str(attempt) for attempt in outage.afterwards if attempt.token in done and attempt.status != 401] == []


@pytest.mark.parametrize("who", ["program", "browser"])
def test_a_node_is_up_and_not_ready(outage: Outage, who: str) -> None:
    for attempts in (outage.in_grace, outage.after_grace):
        assert attempts[f"healthz, {who}"].status == 200
        assert attempts[f"readyz, {who}"].status == 503
        assert attempts[f"home, {who}"].status == 200
        assert attempts[f"sign-in page, {who}"].status == 200


def test_everything_recovers_by_itself(outage: Outage) -> None:
    assert outage.opened
    live = [attempt for attempt in outage.afterwards if attempt.token not in (outage.ended, outage.ended_late)]
    signed_out = {
        attempt.token for attempt in outage.attempts if attempt.request == "POST /logout" and is_success(attempt)
    }
    assert [str(attempt) for attempt in live if not is_success(attempt) and attempt.token not in signed_out] == []


def test_ended_sessions_are_never_accepted(outage: Outage) -> None:
    assert [
        str(attempt)
        for attempt in outage.attempts
        if attempt.token == outage.ended and attempt.status not in (401, 503)
    ] == []
    late = [attempt for attempt in outage.afterwards if attempt.token == outage.ended_late]
    assert {attempt.status for attempt in late} == {401}


def test_no_error_is_unexpected_and_no_response_is_missing(outage: Outage) -> None:
    assert unexpected_errors(outage.attempts) == []
    assert [str(attempt) for attempt in outage.attempts if attempt.error] == []


def test_starting_without_a_database_fails_with_a_message(tmp_path: Path) -> None:
    unreachable = Postgres(tmp_path, free_port())
    assert "cannot be used" in start_error(Server(tmp_path, settings(unreachable, "daypass")))


@contextmanager
def starting_at_once(postgres: Postgres, database: str, folder: Path) -> Iterator[list[Server]]:
    """Nodes that start at the same time on one database."""
    crowd = [Server(folder / str(number), settings(postgres, database)) for number in range(STARTERS)]
    try:
        for node in crowd:
            node.folder.mkdir()
            node.launch()
        yield crowd
    finally:
        for node in crowd:
            node.stop(signal.SIGKILL)


def is_up(node: Server) -> bool:
    assert node.process is not None
    assert node.process.poll() is None, node.log
    return send_request(node, "GET", "/readyz", {}).status == 200


def test_of_nodes_started_at_once_on_an_empty_database_one_migrates_it(postgres: Postgres, tmp_path: Path) -> None:
    postgres.execute("CREATE DATABASE empty")
    postgres.execute("ALTER DATABASE empty SET log_statement = 'ddl'")
    with starting_at_once(postgres, "empty", tmp_path) as crowd:
        assert eventually(lambda: all(is_up(node) for node in crowd), 3 * TIMEOUT), [node.log for node in crowd]
        assert [node.log for node in crowd if "Traceback" in node.log] == []
    log = (postgres.folder / "log").read_text()
    assert len(re.findall(r"CREATE TABLE accounts ", log)) == 1
    with psycopg.connect(postgres.url("empty").replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_nodes_started_at_once_agree_on_one_key(postgres: Postgres, tmp_path: Path, password_hash: str) -> None:
    """A lock delays the first node's write, so the others find no key either."""
    postgres.execute("CREATE DATABASE keyless")
    migrate_database(postgres.url("keyless"))
    url = postgres.url("keyless").replace("+psycopg", "")
    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(url))
        connection.execute("LOCK TABLE signing_keys IN SHARE MODE")
        crowd = stack.enter_context(starting_at_once(postgres, "keyless", tmp_path))
        watcher = stack.enter_context(psycopg.connect(url, autocommit=True))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'keyless' AND wait_event_type = 'Lock' AND "
        waiting += "query NOT LIKE '%pg_advisory_lock%'"  # the lock that nodes wait for while one migrates
        assert eventually(lambda: watcher.execute(waiting).fetchone() != (0,))
        eventually(lambda: watcher.execute(waiting).fetchone() not in ((0,), (1,)), LOCK_WAIT)
        connection.commit()
        assert eventually(lambda: all(is_up(node) for node in crowd), 3 * TIMEOUT), [node.log for node in crowd]
        add_sessions(crowd[0], password_hash, 1)
        tokens = [sign_in(node, "person0").new_token for node in crowd]
        assert {get_gated_page(node, token).status for token in tokens for node in crowd} == {200}
        assert watcher.execute("SELECT count(*) FROM signing_keys").fetchone() == (1,)
