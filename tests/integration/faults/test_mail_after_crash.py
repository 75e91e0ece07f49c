"""A server that is killed between the commit of an act and the delivery of its mail: it is sent all the same."""

import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from daypass.accounts.queries import find
from daypass.web.context import current_db
from tests.helpers.factories import add_account, app_on_database_of
from tests.helpers.mail import give_address, mail_settings
from tests.helpers.mail_server import Mailbox, running_mail_server
from tests.helpers.server import Server, free_port

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE = 30.0  # seconds


def rows(server: Server) -> list[tuple[str, str, int]]:
    """Kind, state and attempts of each message."""
    with closing(sqlite3.connect(Path(server.folder, "daypass.sqlite3"))) as database:
        return database.execute("SELECT kind, state, attempts FROM mails").fetchall()


def wait_until(condition: Callable[[], bool], server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, (rows(server), server.log)
        time.sleep(0.02)


def end_lease(server: Server) -> None:
    with closing(sqlite3.connect(Path(server.folder, "daypass.sqlite3"))) as database, database:
        database.execute("UPDATE mails SET next_attempt_at = created_at")


def test_a_mail_is_sent_after_a_kill_in_the_middle_of_its_delivery(tmp_path: Path, password_hash: str) -> None:
    port = free_port()
    server = Server(tmp_path, mail_settings(port) | {"DAYPASS_WORKERS": "1"}).start()
    try:
        add_account(server, password_hash, "alice")
        with app_on_database_of(server) as app, app.app_context():
            account_id = find(current_db(), "alice").id
        with app_on_database_of(server) as app:
            give_address(app, account_id, "alice@example.org")
        with socket.create_server(("127.0.0.1", port)):  # accepts connections, and never answers
            assert server.request("POST", "/forgot", FORM, b"account=alice").status == 200
            wait_until(lambda: rows(server) == [("reset", "waiting", 1)], server)
            server.stop(signal.SIGKILL)
        end_lease(server)
        mailbox = Mailbox()
        with running_mail_server(mailbox, port=port):
            server.start()
            mailbox.wait_for(1)
            wait_until(lambda: rows(server) == [("reset", "sent", 2)], server)
        assert mailbox.subjects()[0].startswith("Reset your password")
        assert "/reset?token=" not in server.log
    finally:
        server.stop(signal.SIGKILL)
