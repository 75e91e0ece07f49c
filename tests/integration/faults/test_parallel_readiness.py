"""Concurrent readiness checks disturb neither one another nor other requests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import SECRET_KEY
from tests.helpers.factories import add_sessions
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.integration.faults.load import (
    Attempt,
    background_load,
    eventually,
    get_gated_page,
    send_request,
    unexpected_errors,
)
from tests.integration.faults.worker_processes import workers

REQUESTS = rounds(full=1000, quick=200)

pytestmark = pytest.mark.each_database


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    settings = {"DAYPASS_DATABASE_URL": database_url, "DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_WORKERS": "1"}
    with running(tmp_path, **settings) as server:
        yield server


def test_a_node_is_ready_for_concurrent_checks(server: Server, password_hash: str) -> None:
    (token,) = add_sessions(server, password_hash, 1)
    before = workers(server)
    checks: list[Callable[[], Attempt]] = [lambda: send_request(server, "GET", "/readyz", {})] * 4
    actions = [*checks, lambda: get_gated_page(server, token)]
    with background_load(actions, interval=0.01) as attempts:
        assert eventually(lambda: len(attempts) > REQUESTS)
    assert {attempt.status for attempt in attempts} == {200}, (unexpected_errors(attempts), server.log[-3000:])
    assert workers(server) == before
