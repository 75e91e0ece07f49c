"""Supervisors that ask whether a node is ready while it works: the questions do not disturb one another or the work."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import SECRET_KEY
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.integration.faults.factories import add_people
from tests.integration.faults.load import Hit, ask, blunders, enter, eventually, meanwhile
from tests.integration.faults.worker_processes import workers

QUESTIONS = rounds(full=1000, quick=200)

pytestmark = pytest.mark.each_database


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    settings = {"DAYPASS_DATABASE_URL": database_url, "DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_WORKERS": "1"}
    with running(tmp_path, **settings) as server:
        yield server


def test_a_node_is_ready_for_all_that_ask_at_once(server: Server, password_hash: str) -> None:
    (token,) = add_people(server, password_hash, 1)
    before = workers(server)
    acts: list[Callable[[], Hit]] = [lambda: ask(server, "GET", "/readyz", {})] * 4 + [lambda: enter(server, token)]
    with meanwhile(acts, every=0.01) as hits:
        assert eventually(lambda: len(hits) > QUESTIONS)
    assert {hit.status for hit in hits} == {200}, (blunders(hits), server.log[-3000:])
    assert workers(server) == before
