"""Others can sign in while one address, or many, flood the sign-in."""

import http.client
import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.factories import add_sessions
from tests.helpers.server import Server, running
from tests.integration.faults.load import Attempt, background_load, get_gated_page, send_form, sign_in

pytestmark = pytest.mark.alone

SOCKETS = 50
PAUSE = 0.05  # seconds between two requests of a socket; the flood itself must not use up the CPUs
ROUNDS = 4


@contextmanager
def flooded(server: Server, addresses: Iterator[str] | None = None) -> Iterator[Counter[int]]:
    """Send wrong passwords from another address; counts the statuses.

    addresses: as which the requests are forwarded, one after another.
    """
    body = json.dumps({"username": "person0", "password": "not the password"})
    stopped, statuses = threading.Event(), Counter[int]()

    def send(connection: http.client.HTTPConnection) -> None:
        forwarded = {"X-Forwarded-For": next(addresses)} if addresses else {}
        connection.request("POST", "/login", body, {"Content-Type": "application/json"} | forwarded)
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
    with running(tmp_path, DAYPASS_LIMIT_ADDRESS="off", DAYPASS_LIMIT_ACCOUNT="off") as server:
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


def test_a_flood_from_many_addresses_does_not_shut_a_known_browser_out(tmp_path: Path, password_hash: str) -> None:
    with running(tmp_path, DAYPASS_TRUSTED_PROXIES="127.0.0.2") as server:
        add_sessions(server, password_hash, 1)
        device = device_cookie(sign_in(server, "person0", page=True))
        with flooded(server, map(nth_address, itertools.count())) as statuses:
            sign_ins = [send_form(server, "/login", "person0", cookie=device) for _ in range(ROUNDS)]
    assert statuses[503] > 10 * ROUNDS  # the flood was effective
    assert statuses[401] > ROUNDS
    assert [str(attempt) for attempt in sign_ins if attempt.status != 303] == []


def nth_address(number: int) -> str:
    return f"198.51.{number // 250 % 250}.{number % 250}"


def device_cookie(attempt: Attempt) -> str:
    """The device cookie that a sign-in set, as a Cookie header."""
    assert attempt.response
    (cookie,) = [line for line in attempt.response.headers.get_all("Set-Cookie", []) if "daypass-device=" in line]
    return str(cookie.partition(";")[0])
