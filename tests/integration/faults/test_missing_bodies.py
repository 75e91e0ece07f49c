"""Requests that announce a body and never send it hold no lock that anybody else needs."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from daypass.accounts import accounts
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import new_session
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.integration.faults.factories import app_beside
from tests.integration.faults.load import Hit, ask, carrying, enter, sign_in, sign_out

SILENT = rounds(full=3, quick=2)  # connections that never send their body
UNTIL_IT_IS_READ = 1.0  # seconds; the view has been waiting for the body for most of that


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path, DAYPASS_WORKERS="1") as server:
        yield server


@contextmanager
def silent(server: Server, path: str, token: str) -> Iterator[None]:
    """Connections on which the headers of a form were sent, and the beginning of its body."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        *(f"{name}: {value}" for name, value in carrying(token, page=True).items()),
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Length: 40",
    ]
    request = "\r\n".join(lines) + "\r\n\r\nname="
    with ExitStack() as stack:
        for _ in range(SILENT):
            connection = stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
            connection.sendall(request.encode())
        time.sleep(UNTIL_IT_IS_READ)
        yield


def test_while_the_body_of_a_new_name_never_comes_everybody_else_signs_in_and_out(
    server: Server, password_hash: str
) -> None:
    with app_beside(server) as app:
        with app.app_context(), write_transaction(current_db()):
            ids = [accounts.create(current_db(), name, password_hash, ["admin"]).id for name in ("alice", "person0")]
        (claims, alice), (_, bob), (_, other) = (new_session(app, account) for account in (ids[0], ids[1], ids[1]))
    name = f"/account/sessions/{claims.session_id}/name"
    with silent(server, name, alice):
        acts: list[Callable[[], Hit]] = [
            lambda: sign_in(server, "person0"),
            lambda: sign_in(server, "person0", page=True),
            lambda: ask(server, "POST", name, carrying(alice, page=True)),
            lambda: sign_out(server, other),
            lambda: ask(server, "POST", f"/admin/accounts/{ids[1]}/sign-out", carrying(alice, page=True)),
        ]
        assert [hit.status for hit in [act() for act in acts]] == [200, 303, 303, 204, 303]
        assert [enter(server, token).status for token in (alice, other, bob)] == [200, 401, 401]
        assert "signs from now on" in server.flask("keys", "rotate")
