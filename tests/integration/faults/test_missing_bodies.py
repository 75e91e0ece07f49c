"""Requests that announce a body and never send it hold no lock that others need."""

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
from tests.helpers.factories import app_on_database_of
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.integration.faults.load import Attempt, get_gated_page, send_request, sign_in, sign_out, token_headers

SILENT = rounds(full=3, quick=2)  # connections that never send their body
SETTLE_SECONDS = 1.0  # until the view waits for the body


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path, DAYPASS_WORKERS="1") as server:
        yield server


@contextmanager
def silent(server: Server, path: str, token: str) -> Iterator[None]:
    """Connections that have sent the headers of a form and the beginning of its body."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        *(f"{name}: {value}" for name, value in token_headers(token, page=True).items()),
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Length: 40",
    ]
    request = "\r\n".join(lines) + "\r\n\r\nname="
    with ExitStack() as stack:
        for _ in range(SILENT):
            connection = stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
            connection.sendall(request.encode())
        time.sleep(SETTLE_SECONDS)
        yield


def test_a_form_whose_body_never_arrives_blocks_nobody_elses_sign_in_or_sign_out(
    server: Server, password_hash: str
) -> None:
    with app_on_database_of(server) as app:
        with app.app_context(), write_transaction(current_db()):
            ids = [accounts.create(current_db(), name, password_hash, ["admin"]).id for name in ("alice", "person0")]
        (claims, alice), (_, bob), (_, other) = (new_session(app, account) for account in (ids[0], ids[1], ids[1]))
    name = f"/account/sessions/{claims.session_id}/name"
    with silent(server, name, alice):
        actions: list[Callable[[], Attempt]] = [
            lambda: sign_in(server, "person0"),
            lambda: sign_in(server, "person0", page=True),
            lambda: send_request(server, "POST", name, token_headers(alice, page=True)),
            lambda: sign_out(server, other),
            lambda: send_request(server, "POST", f"/admin/accounts/{ids[1]}/sign-out", token_headers(alice, page=True)),
        ]
        assert [attempt.status for attempt in [action() for action in actions]] == [200, 303, 303, 204, 303]
        assert [get_gated_page(server, token).status for token in (alice, other, bob)] == [200, 401, 401]
        assert "signs from now on" in server.command("keys", "rotate")
