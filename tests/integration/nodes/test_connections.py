"""The workers of a node open no more connections to PostgreSQL than they may, and few are enough for them."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.conftest import SECRET_KEY, postgres_database
from tests.helpers.listening import LISTENERS, eventually
from tests.helpers.nodes import tokens_of_alice
from tests.helpers.postgres import Postgres
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header

WORKERS, CONNECTIONS = 2, 10  # five per worker, the fewest that are allowed
CLIENTS = 32  # as many as both workers have threads, counting those that wait for request bodies
ROUNDS = rounds(full=5, quick=2)
PATHS = "/members", "/account/sessions", "/readyz"
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database()"
OPEN += " AND pid <> pg_backend_pid()"
CLOSING_SECONDS = 2  # until PostgreSQL has closed the connections that created the sessions

pytestmark = pytest.mark.alone  # 32 clients at once wait for few connections


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    yield from postgres_database(postgres)


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    settings = {
        "DAYPASS_DATABASE_URL": database_url,
        "DAYPASS_SECRET_KEY": SECRET_KEY,
        "DAYPASS_WORKERS": str(WORKERS),
        "DAYPASS_DATABASE_CONNECTIONS": str(CONNECTIONS),
    }
    with running(tmp_path, **settings) as server:
        yield server


def visit(server: Server, tokens: Sequence[str]) -> set[int]:
    """The statuses of requests that read and write the database."""
    page = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
    found = set()
    for token in tokens:
        headers = bearer_header(token)
        found |= {server.request("GET", path, headers | page).status for path in PATHS}
        found.add(server.request("POST", "/logout", headers).status)
    return found


def test_under_load_a_node_keeps_to_its_connections_and_no_request_fails_for_lack_of_one(
    server: Server, database_url: str
) -> None:
    tokens, most, done = tokens_of_alice(server, CLIENTS * ROUNDS), [0], threading.Event()
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as database:

        def count() -> None:
            while not done.wait(0.01):
                (now,) = database.execute(OPEN).fetchone() or (0,)
                most[0] = max(most[0], now)

        time.sleep(CLOSING_SECONDS)
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            counting = pool.submit(count)
            statuses = [pool.submit(visit, server, tokens[client::CLIENTS]) for client in range(CLIENTS)]
            try:
                found = set().union(*(each.result() for each in statuses))
            finally:
                done.set()
            counting.result()
        assert found == {200, 204}
        assert 2 * WORKERS < most[0] <= CONNECTIONS
        listening = f"SELECT count(*) {LISTENERS}".encode()
        assert eventually(lambda: database.execute(listening).fetchone() == (WORKERS,))
