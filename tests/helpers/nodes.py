"""Three nodes on one PostgreSQL database, and how long they accept a session that one of them has ended."""

import http.client
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import pytest
from sqlalchemy import select

from daypass.database.models import Account
from daypass.sessions import lifecycle
from daypass.web.context import current_db
from tests.conftest import PASSWORD, SECRET_KEY, new_session
from tests.helpers.factories import app_on_database_of
from tests.helpers.server import Server, running
from tests.helpers.workers import status_of

INTERVAL = 0.001  # seconds between two requests to a node


@dataclass(frozen=True)
class Delay:
    """When the last node began to handle the last request that it accepted; in seconds, 0 if before."""

    after_request: float  # after the request to end the session was sent
    after_response: float  # after the response to it arrived


@contextmanager
def running_nodes(folder: Path, database_url: str) -> Iterator[list[Server]]:
    """Three nodes. The clocks of two are half a minute off, if faketime is installed."""
    faketime = shutil.which("faketime")
    clocks = [[], *([faketime, "-f", off] if faketime else [] for off in ("-30s", "+30s"))]
    settings = {
        "DAYPASS_DATABASE_URL": database_url,
        "DAYPASS_SECRET_KEY": SECRET_KEY,
        "DAYPASS_BASE_URL": "http://127.0.0.1",
        "DAYPASS_WORKERS": "1",
    }
    with ExitStack() as stack:
        nodes = []
        for number, clock in enumerate(clocks):
            (folder / f"node{number}").mkdir()
            nodes.append(stack.enter_context(running(folder / f"node{number}", command_prefix=clock, **settings)))
        yield nodes


def tokens_of_alice(server: Server, count: int) -> list[str]:
    """Create an account and start many sessions of it; returns their tokens."""
    server.command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
    with app_on_database_of(server) as app, pytest.MonkeyPatch.context() as patch:
        with app.app_context():
            alice = current_db().scalars(select(Account.id)).one()
        patch.setattr(lifecycle, "MAX_LIVE_SESSIONS", count)
        return [new_session(app, alice)[1] for _ in range(count)]


def delays(nodes: Sequence[Server], tokens: Sequence[str]) -> Iterator[Delay]:
    """End each session on one of the nodes, in turn, while the others get requests with its token."""
    connections = [http.client.HTTPConnection("127.0.0.1", node.port, timeout=20) for node in nodes]
    with ThreadPoolExecutor(len(nodes)) as pool:
        for number, token in enumerate(tokens):
            first = number % len(nodes)
            ender, *others = connections[first:] + connections[:first]
            assert [status_of(connection, "GET", "/members", token) for connection in connections] == [200] * len(nodes)
            accepting = [pool.submit(_last_accepted, connection, token) for connection in others]
            sent = time.monotonic()
            assert status_of(ender, "POST", "/logout", token) == 204
            answered = time.monotonic()
            last = max(node.result() for node in accepting)
            yield Delay(max(0.0, last - sent), max(0.0, last - answered))
    for connection in connections:
        connection.close()


def _last_accepted(connection: http.client.HTTPConnection, token: str) -> float:
    """Send requests until one is refused; returns the time when the one before began."""
    last = began = time.monotonic()
    while status_of(connection, "GET", "/members", token) == 200:
        last = began
        time.sleep(INTERVAL)
        began = time.monotonic()
    return last


def summary(seconds: Sequence[float]) -> str:
    """The median, the 99th percentile and the worst, in milliseconds."""
    percentiles = quantiles(seconds, n=100, method="inclusive")
    return (
        f"p50 {1000 * percentiles[49]:.1f} ms, p99 {1000 * percentiles[98]:.1f} ms, worst {1000 * max(seconds):.1f} ms"
    )
