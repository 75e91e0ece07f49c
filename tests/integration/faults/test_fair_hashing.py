"""Others can sign in while one address floods the sign-in."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.factories import add_sessions
from tests.helpers.server import Server, running
from tests.integration.faults.load import Attempt, background_load, get_gated_page, sign_in

pytestmark = pytest.mark.alone

SOCKETS = 50
PAUSE = 0.05  # seconds between two requests of a socket; the flood itself must not use up the CPUs
ROUNDS = 4


@contextmanager
def flooded(server: Server) -> Iterator[Counter[int]]:
    """Send wrong passwords from another address; counts the statuses."""
    body = json.dumps({"username": "person0", "password": "not the password"})
    stopped, statuses = threading.Event(), Counter[int]()

    def send(connection: http.client.HTTPConnection) -> None:
        connection.request("POST", "/login", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        statuses[response.status] += 1
        response.read()

    def flood() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, 60, ("127.0.0.2", 0))
        while not stopped.wait(PAUSE):
            try:
                send(connection)
            except (http.client.IncompleteRead, ConnectionError):
                connection.close()  # the server closes it if it did not wait for the body; the next request reconnects
        connection.close()

    threads = [threading.Thread(target=flood) for _ in range(SOCKETS)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        stopped.set()
        for thread in threads:
            thread.join(60)


def test_a_flood_of_sign_ins_from_one_address_shuts_nobody_else_out(tmp_path: Path, password_hash: str) -> None:
    sign_ins, pages = list[Attempt](), list[Attempt]()
    with running(tmp_path) as server:
        token = next(iter(add_sessions(server, password_hash, 1)))
        with flooded(server) as statuses, background_load([lambda: get_gated_page(server, token)], 0.02) as pages:
            while len(sign_ins) < ROUNDS:
                sign_ins.append(sign_in(server, "person0"))
        assert server.process is not None and server.process.poll() is None
    assert statuses[503] > 10 * ROUNDS  # the flood was effective
    assert set(statuses) <= {401, 503}
    assert [str(attempt) for attempt in sign_ins if attempt.status != 200] == []
    assert len(pages) > ROUNDS
    assert [str(attempt) for attempt in pages if attempt.status != 200] == []
