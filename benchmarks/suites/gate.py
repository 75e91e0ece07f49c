"""The gated page with each algorithm, with metrics, with many sessions in the database, and with many visitors."""

import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.measuring.load import Case, get
from benchmarks.measuring.rounds import Samples, Scale, Tell, measure
from benchmarks.measuring.servers import daypass_command, daypass_settings, new_folder, running
from benchmarks.measuring.visitors import Visitors, visitors
from daypass.tokens.claims import Claims
from tests.helpers.server import free_port

HELLO = b"Hello, alice."
ALGORITHMS = ("HS256", "RS256", "ES256", "EdDSA")
METRICS_TOKEN = "9d1f6b0c4e7a83d25c7be4f0a16839cd"
ENDED, LIVE = 1_000_000, 100_000
CROWDS = (1_000, 20_000)  # visitors in play
NEW_VISITORS = 500  # whose first requests are timed
WARM_UP = 40  # seconds
PASSES = 2  # visits of everybody before the measurement, after which most have been to both workers

Prepare = Callable[[Visitors, Claims], list[str]]  # returns the tokens of the requests


def run(folder: Path, scale: Scale, tell: Tell) -> Samples:
    with ExitStack() as stack:

        def page(name: str, prepare: Prepare, **settings: str) -> Case:
            tell(f"gate, preparing {name}")
            return stack.enter_context(_gated_page(name, new_folder(folder, name), prepare, settings))

        cases = [page(name.lower(), _alone, ALGORITHM=name) for name in ALGORITHMS]
        cases.append(page("metrics", _alone, METRICS_TOKEN=METRICS_TOKEN))
        cases += [page("ended", _among_ended), page("live", _among_live)]
        crowds = [page(f"visitors-{count}", _crowd(count)) for count in CROWDS]
        first = _first_sight(crowds[-1])
        for crowd in crowds:
            tell(f"gate, first requests of {crowd.name}")
            _let_everybody_in(crowd)
        return measure("gate", [*cases, *crowds], scale, tell) | {"first-sight": first}


@contextmanager
def _gated_page(name: str, folder: Path, prepare: Prepare, settings: Mapping[str, str]) -> Iterator[Case]:
    """The case of a gated page, while its server runs on a database with alice and what `prepare` adds."""
    environ = daypass_settings(folder, port := free_port(), **settings)
    with visitors(environ) as database:
        claims = database.start_session(database.add_account("alice"))
        tokens = prepare(database, claims)
    with running(daypass_command(), folder, port, environ) as server:
        yield Case(name, server, [get("/gated", Cookie=f"daypass={token}") for token in tokens], HELLO)


def _alone(database: Visitors, claims: Claims) -> list[str]:
    return database.tokens([claims])


def _among_ended(database: Visitors, claims: Claims) -> list[str]:
    tokens = database.tokens([claims])  # before there are sessions to load
    ended = database.start_session(database.add_account("bob"))
    database.end_session(ended.session_id)
    database.multiply_session(ended.session_id, ENDED)
    return tokens


def _among_live(database: Visitors, claims: Claims) -> list[str]:
    database.multiply_session(database.start_session(database.add_account("bob")).session_id, LIVE)
    return database.tokens([claims])


def _crowd(count: int) -> Prepare:
    return lambda database, claims: database.tokens(database.copy_session(claims, count))


def _first_sight(crowd: Case) -> list[float]:
    """The response times of first requests, in milliseconds, one after the other on one connection."""
    crowd.check()
    times = []
    with socket.create_connection(("127.0.0.1", crowd.server.port), timeout=20) as connection:
        for request in crowd.requests[1 : NEW_VISITORS + 1]:
            started = time.perf_counter()
            connection.sendall(request)
            _read_response(connection)
            times.append(1000 * (time.perf_counter() - started))
    return times


def _read_response(connection: socket.socket) -> None:
    """Read one response with a Content-Length."""
    received = b""
    while not (head := re.match(rb"(?is)HTTP/1.1 200 .*?\ncontent-length: (\d+).*?\r\n\r\n", received)):
        received += connection.recv(65536)
    while len(received) < head.end() + int(head[1]):
        received += connection.recv(65536)


def _let_everybody_in(crowd: Case) -> None:
    """Send everybody's request PASSES times, or as often as WARM_UP allows."""
    done, until = 0, time.monotonic() + WARM_UP
    while done < PASSES * len(crowd.requests) and time.monotonic() < until:
        done += crowd.run(2, start=done).requests
