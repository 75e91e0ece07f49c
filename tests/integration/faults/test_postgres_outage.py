"""PostgreSQL goes away and comes back, is not there, is empty, or hangs: two nodes on it shut, say so, and recover."""

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
from tests.helpers.postgres import INSTALL_HINT, Postgres, is_installed, running_postgres
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, free_port, running
from tests.helpers.startup import start_error
from tests.integration.faults.factories import add_people
from tests.integration.faults.load import (
    PATIENCE,
    Hit,
    ask,
    blunders,
    enter,
    eventually,
    is_done,
    meanwhile,
    sign_in,
    sign_out,
)

GRACE = 2  # seconds
LOOK = 0.5  # seconds for which a node may not have asked the database when it goes away
SLACK = 1.0  # seconds
HANGS = 10.0  # seconds; more than a request may take while the database does not answer
OTHERS = 3.0  # seconds; a node waits 5 for a lock
STARTERS = rounds(full=10, quick=5)
UNREACHABLE = "The database cannot be reached right now."


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server of this module's own, since it is stopped."""
    if not is_installed():
        skip_or_fail(INSTALL_HINT)
    with running_postgres() as server:
        yield server


def settings(postgres: Postgres, database: str) -> dict[str, str]:
    """The settings that all nodes on a database share."""
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
    """What was asked and answered while PostgreSQL was away, and before and after that."""

    nodes: list[Server]
    live: str  # the sessions
    ended: str
    ended_late: str
    load: list[list[Hit]] = field(default_factory=list)  # of each node
    stopping: float = 0.0
    stopped: float = 0.0
    shut: bool = False
    opened: bool = False
    in_grace: dict[str, Hit] = field(default_factory=dict)
    after_grace: dict[str, Hit] = field(default_factory=dict)
    afterwards: list[Hit] = field(default_factory=list)

    @property
    def hits(self) -> list[Hit]:
        asked = [*self.in_grace.values(), *self.after_grace.values()]
        return [*itertools.chain.from_iterable(self.load), *asked, *self.afterwards]


def probe(node: Server, kept: str, *, page: bool) -> dict[str, Hit]:
    """One request of each kind, as a browser or as a program; `kept` is a session to sign out of."""
    headers = PAGE if page else {}
    return {
        "healthz": ask(node, "GET", "/healthz", headers),
        "readyz": ask(node, "GET", "/readyz", headers),
        "home": ask(node, "GET", "/", headers),
        "sign-in page": ask(node, "GET", "/login", headers),
        "sign in": sign_in(node, "person0", page=page),
        "gated": enter(node, kept, page=page),
        "sign out": sign_out(node, kept, page=page),
    }


def probes(nodes: list[Server], kept: list[str]) -> dict[str, Hit]:
    """Ask the first node as a program and the second as a browser."""
    named = {"program": probe(nodes[0], kept[0], page=False), "browser": probe(nodes[1], kept[1], page=True)}
    return {f"{name}, {who}": hit for who, hits in named.items() for name, hit in hits.items()}


@pytest.fixture(scope="module")
def outage(postgres: Postgres, nodes: list[Server], password_hash: str) -> Outage:
    """PostgreSQL stops as in a crash, is away for longer than the grace, and starts again; under a light load."""
    live, ended, ended_late, *kept = add_people(nodes[0], password_hash, 7)
    outage = Outage(nodes, live, ended, ended_late)
    assert {enter(node, token).status for node in nodes for token in (live, ended, ended_late, *kept)} == {200}
    assert sign_out(nodes[0], ended).status == 204
    assert eventually(lambda: {enter(node, ended).status for node in nodes} == {401})
    with ExitStack() as stack:
        outage.load += [stack.enter_context(meanwhile(callers(outage, node), every=0.1)) for node in nodes]
        assert eventually(lambda: all(len(hits) > 10 for hits in outage.load))
        assert sign_out(nodes[0], ended_late).status == 204
        outage.stopping = time.monotonic()
        postgres.stop()
        try:
            outage.stopped = time.monotonic()
            outage.in_grace = probes(nodes, kept[:2])
            outage.shut = eventually(lambda: all(enter(node, live).status == 503 for node in nodes))
            outage.after_grace = probes(nodes, kept[2:])
        finally:
            postgres.start()
        outage.opened = eventually(lambda: all(is_open(node, live) for node in nodes))
    outage.afterwards += [enter(node, token) for node in nodes for token in (live, ended, ended_late, *kept)]
    outage.afterwards += [sign_in(node, "person0", page=page) for node in nodes for page in (False, True)]
    return outage


def callers(outage: Outage, node: Server) -> list[Callable[[], Hit]]:
    """A light load of gated pages on a node, with tokens that it knows."""
    return [
        lambda: enter(node, outage.live),
        lambda: enter(node, outage.live, page=True),
        lambda: enter(node, outage.ended),
    ]


def is_open(node: Server, token: str) -> bool:
    ready = ask(node, "GET", "/readyz", {}).status
    return (enter(node, token).status, ready) == (200, 200)


def let_in(outage: Outage) -> list[list[Hit]]:
    """For each node, the load's requests with the live session."""
    return [[hit for hit in hits if hit.token == outage.live] for hits in outage.load]


def test_gated_pages_go_on_within_the_grace(outage: Outage) -> None:
    for hits in let_in(outage):
        sure_until = max(hit.began for hit in hits if hit.ended < outage.stopping) - LOOK + GRACE
        within = [hit for hit in hits if hit.ended < sure_until]
        assert {str(hit) for hit in within if hit.status != 200} == set()
        assert [hit for hit in within if hit.began > outage.stopped]


def test_the_gate_shuts_when_the_grace_is_over(outage: Outage) -> None:
    assert outage.shut
    late = outage.stopped + GRACE + SLACK
    for hits in let_in(outage):
        shut = next(hit.began for hit in hits if hit.status == 503)
        assert outage.stopping - LOOK + GRACE - SLACK < shut < late + SLACK
    gated = [hit for name, hit in outage.after_grace.items() if name.startswith("gated") and hit.began > late]
    assert {hit.status for hit in gated} <= {503}


def test_a_browser_gets_a_page_with_a_sentence_and_a_program_problem_details(outage: Outage) -> None:
    for name in ("gated", "sign in"):
        page, problem = outage.after_grace[f"{name}, browser"], outage.after_grace[f"{name}, program"]
        assert page.says_later and problem.says_later, (str(page), str(problem))
        assert (page.media, problem.media) == ("text/html", "application/problem+json")
        assert UNREACHABLE in page.body
        assert problem.answer and problem.answer.json()["detail"].startswith(UNREACHABLE)


def test_nobody_signs_in_meanwhile(outage: Outage) -> None:
    asked = {**{f"{k}, in grace": v for k, v in outage.in_grace.items()}, **outage.after_grace}
    assert {k: str(hit) for k, hit in asked.items() if k.startswith("sign in") and not hit.says_later} == {}


def test_a_sign_out_in_the_grace_says_that_it_is_not_done(outage: Outage) -> None:
    asked = outage.in_grace
    assert {k: str(hit) for k, hit in asked.items() if k.startswith("sign out") and not hit.says_later} == {}


def test_a_sign_out_after_the_grace_says_that_it_is_not_done(outage: Outage) -> None:
    asked = outage.after_grace
    assert {k: str(hit) for k, hit in asked.items() if k.startswith("sign out") and not hit.says_later} == {}


def test_a_session_whose_sign_out_was_answered_with_done_is_refused_afterwards(outage: Outage) -> None:
    asked = [*outage.in_grace.values(), *outage.after_grace.values()]
    done = {hit.token for hit in asked if hit.request == "POST /logout" and is_done(hit)}
    assert [str(hit) for hit in outage.afterwards if hit.token in done and hit.status != 401] == []


@pytest.mark.parametrize("who", ["program", "browser"])
def test_a_node_is_up_and_not_ready(outage: Outage, who: str) -> None:
    for asked in (outage.in_grace, outage.after_grace):
        assert asked[f"healthz, {who}"].status == 200
        assert asked[f"readyz, {who}"].status == 503
        assert asked[f"home, {who}"].status == 200
        assert asked[f"sign-in page, {who}"].status == 200


def test_everything_recovers_by_itself(outage: Outage) -> None:
    assert outage.opened
    live = [hit for hit in outage.afterwards if hit.token not in (outage.ended, outage.ended_late)]
    signed_out = {hit.token for hit in outage.hits if hit.request == "POST /logout" and is_done(hit)}
    assert [str(hit) for hit in live if not is_done(hit) and hit.token not in signed_out] == []


def test_what_had_ended_is_never_let_in(outage: Outage) -> None:
    assert [str(hit) for hit in outage.hits if hit.token == outage.ended and hit.status not in (401, 503)] == []
    late = [hit for hit in outage.afterwards if hit.token == outage.ended_late]
    assert {hit.status for hit in late} == {401}


def test_no_error_is_unforeseen_and_no_answer_is_missing(outage: Outage) -> None:
    assert blunders(outage.hits) == []
    assert [str(hit) for hit in outage.hits if hit.cut] == []


def test_the_start_stops_with_a_sentence_where_no_database_is(tmp_path: Path) -> None:
    nowhere = Postgres(tmp_path, free_port())
    assert "cannot be used" in start_error(Server(tmp_path, settings(nowhere, "daypass")))


@contextmanager
def starting_at_once(postgres: Postgres, database: str, folder: Path) -> Iterator[list[Server]]:
    """Nodes that are started at the same time on a database."""
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
    return ask(node, "GET", "/readyz", {}).status == 200


def test_of_nodes_that_start_at_once_on_an_empty_database_one_migrates(postgres: Postgres, tmp_path: Path) -> None:
    postgres.execute("CREATE DATABASE empty")
    postgres.execute("ALTER DATABASE empty SET log_statement = 'ddl'")
    with starting_at_once(postgres, "empty", tmp_path) as crowd:
        assert eventually(lambda: all(is_up(node) for node in crowd), 3 * PATIENCE), [node.log for node in crowd]
        assert [node.log for node in crowd if "Traceback" in node.log] == []
    log = (postgres.folder / "log").read_text()
    assert len(re.findall(r"CREATE TABLE accounts ", log)) == 1
    with psycopg.connect(postgres.url("empty").replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_nodes_that_start_at_once_agree_on_one_key(postgres: Postgres, tmp_path: Path, password_hash: str) -> None:
    """The database is slow to write the first one's key (here: a lock), so that the others see none either."""
    postgres.execute("CREATE DATABASE keyless")
    migrate_database(postgres.url("keyless"))
    url = postgres.url("keyless").replace("+psycopg", "")
    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(url))
        connection.execute("LOCK TABLE signing_keys IN SHARE MODE")
        crowd = stack.enter_context(starting_at_once(postgres, "keyless", tmp_path))
        watcher = stack.enter_context(psycopg.connect(url, autocommit=True))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'keyless' AND wait_event_type = 'Lock' AND "
        waiting += "query NOT LIKE '%pg_advisory_lock%'"  # with which nodes wait for one that migrates
        assert eventually(lambda: watcher.execute(waiting).fetchone() != (0,))
        eventually(lambda: watcher.execute(waiting).fetchone() not in ((0,), (1,)), OTHERS)
        connection.commit()
        assert eventually(lambda: all(is_up(node) for node in crowd), 3 * PATIENCE), [node.log for node in crowd]
        add_people(crowd[0], password_hash, 1)
        tokens = [sign_in(node, "person0").new_token for node in crowd]
        assert {enter(node, token).status for token in tokens for node in crowd} == {200}
        assert watcher.execute("SELECT count(*) FROM signing_keys").fetchone() == (1,)
