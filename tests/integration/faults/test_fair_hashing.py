"""One address that floods the sign-in: everybody else still signs in, and gated pages go on."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.server import Server, running
from tests.integration.faults.factories import add_people
from tests.integration.faults.load import Hit, enter, meanwhile, sign_in

pytestmark = pytest.mark.alone

SOCKETS = 50
ROUNDS = 4


@contextmanager
def flooded(server: Server) -> Iterator[Counter[int]]:
    """Wrong passwords from one other address, on many connections at once, while the block runs; counts statuses."""
    body = json.dumps({"username": "person0", "password": "not the password"})
    over, statuses = threading.Event(), Counter[int]()

    def ask(connection: http.client.HTTPConnection) -> None:
        connection.request("POST", "/login", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        statuses[answer.status] += 1
        answer.read()

    def flood() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, 60, ("127.0.0.2", 0))
        while not over.is_set():
            try:
                ask(connection)
            except (http.client.IncompleteRead, ConnectionError):
                connection.close()  # the server closes it where it did not wait for the body; the next request opens it
        connection.close()

    threads = [threading.Thread(target=flood) for _ in range(SOCKETS)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        over.set()
        for thread in threads:
            thread.join(60)


def test_a_flood_of_sign_ins_from_one_address_shuts_nobody_else_out(tmp_path: Path, password_hash: str) -> None:
    entered, pages = list[Hit](), list[Hit]()
    with running(tmp_path) as server:
        token = next(iter(add_people(server, password_hash, 1)))
        with flooded(server) as statuses, meanwhile([lambda: enter(server, token)], 0.02) as pages:
            while len(entered) < ROUNDS:
                entered.append(sign_in(server, "person0"))
        assert server.process is not None and server.process.poll() is None
    assert statuses[503] > 10 * ROUNDS  # it was a flood
    assert set(statuses) <= {401, 503}
    assert [str(hit) for hit in entered if hit.status != 200] == []
    assert len(pages) > ROUNDS
    assert [str(hit) for hit in pages if hit.status != 200] == []
