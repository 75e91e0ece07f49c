"""Several worker processes, and workers that are killed, on the real server."""

import signal
from collections.abc import Iterator

import pytest

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header

TRIES = 40  # requests on new connections, enough to reach both workers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[Server]:
    """A server with two workers, and the accounts alice and bob."""
    with running(tmp_path_factory.mktemp("workers"), DAYPASS_WORKERS="2") as server:
        for name in ("alice", "bob"):
            add_account(server, password_hash, name)
        yield server


def statuses(server: Server, token: str) -> set[int]:
    return {server.request("GET", "/members", bearer_header(token)).status for _ in range(TRIES)}


def test_a_session_ended_in_one_worker_is_refused_by_the_other(server: Server) -> None:
    token = server.sign_in("alice", PASSWORD)
    assert statuses(server, token) == {200}
    assert server.request("POST", "/logout", bearer_header(token)).status == 204
    assert statuses(server, token) == {401}
    assert "The session of this token was ended." in server.request("GET", "/members", bearer_header(token)).body


def test_a_sign_out_outlives_a_kill_right_after_it(server: Server) -> None:
    token, kept = server.sign_in("alice", PASSWORD), server.sign_in("alice", PASSWORD)
    server.request("POST", "/logout", bearer_header(token))
    server.stop(signal.SIGKILL)
    server.start()
    assert statuses(server, token) == {401}
    assert statuses(server, kept) == {200}


def test_an_account_disabled_at_the_terminal_is_out_at_the_next_request(server: Server) -> None:
    token = server.sign_in("alice", PASSWORD)
    assert statuses(server, token) == {200}
    server.command("user", "disable", "alice")
    assert statuses(server, token) == {401}
    server.command("user", "enable", "alice")
    assert statuses(server, token) == {401}


def test_a_password_set_at_the_terminal_ends_every_session(server: Server) -> None:
    token = server.sign_in("bob", PASSWORD)
    server.command("user", "password", "bob", "--password-stdin", stdin="another 9 heron meadow")
    assert statuses(server, token) == {401}
    assert statuses(server, server.sign_in("bob", "another 9 heron meadow")) == {200}
