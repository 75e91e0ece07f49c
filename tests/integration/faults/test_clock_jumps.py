"""Ended sessions stay ended when a node's clock jumps and comes back.

libfaketime, which reads the offset from a file, changes the server's clock, but not its monotonic clock. With SQLite
the server's clock is also the database's; PostgreSQL has its own, which stays right.
"""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from daypass.database.change_detector import POLL_SECONDS
from tests.conftest import SECRET_KEY, create_account, new_session
from tests.helpers.factories import app_on_database_of
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.project import ROOT
from tests.helpers.rounds import variants
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header
from tests.helpers.workers import connections_to_both_workers, status_of

FORGET_EVERY = 0.2  # seconds between the server's searches for revocations to forget; normally an hour
SESSIONS = 5


@dataclass(frozen=True)
class Clock:
    """A node's clock, set by the file that libfaketime reads."""

    file: Path

    def set(self, offset: str) -> None:
        new_file = self.file.with_suffix(".new")
        new_file.write_text(f"{offset}\n")
        new_file.replace(self.file)

    def environ(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # the fix makes timed waits several seconds long
        }


def library() -> str:
    """The path of libfaketime, according to its own command."""
    program = shutil.which("faketime")
    if program is None:
        skip_or_fail("faketime is not installed")
    output = subprocess.run([program, "-m", "-f", "+0", "env"], check=True, capture_output=True, text=True).stdout
    (path,) = [line.partition("=")[2] for line in output.splitlines() if line.startswith("LD_PRELOAD=")]
    return path


def forget_often(folder: Path) -> str:
    """A PYTHONPATH that sets FORGET_EVERY in every process of the server."""
    (folder / "sitecustomize.py").write_text(
        f"import daypass.sessions.revocation as r\nr.FORGET_EVERY = {FORGET_EVERY}\n"
    )
    return f"{folder}:{ROOT}"


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    clock = Clock(tmp_path / "clock")
    clock.set("+0")
    return clock


@contextmanager
def node(folder: Path, clock: Clock, database_url: str) -> Iterator[Server]:
    settings = {
        "DAYPASS_DATABASE_URL": database_url,
        "DAYPASS_SECRET_KEY": SECRET_KEY,
        "DAYPASS_WORKERS": "2",
        "DAYPASS_REVOCATION_GRACE": "3600",
    }
    with running(folder, PYTHONPATH=forget_often(folder), **settings, **clock.environ()) as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, clock: Clock, database_url: str) -> Iterator[Server]:
    with node(tmp_path, clock, database_url) as server:
        yield server


def sign_in(server: Server, name: str, password_hash: str, count: int) -> list[str]:
    """Start sessions of a new account; returns their tokens."""
    with app_on_database_of(server) as app:
        account = create_account(app, password_hash, name)
        return [new_session(app, account)[1] for _ in range(count)]


def statuses(server: Server, tokens: list[str]) -> set[int]:
    """The statuses with which both workers respond to these tokens."""
    with connections_to_both_workers(server) as workers:
        return {status_of(worker, "GET", "/members", token) for worker in workers for token in tokens}


def end(server: Server, tokens: list[str]) -> None:
    assert {server.request("POST", "/logout", bearer_header(token)).status for token in tokens} == {204}
    time.sleep(POLL_SECONDS)


def let_workers_forget(server: Server, tokens: list[str]) -> None:
    """Let workers reread the database and forget revocations under load."""
    for _ in range(3):
        time.sleep(max(FORGET_EVERY, POLL_SECONDS))
        statuses(server, tokens)


@pytest.mark.each_database
@pytest.mark.parametrize("offset", variants(["+2d", "-2d"], quick=1))
def test_sessions_ended_before_or_during_a_clock_jump_stay_refused_after_it(
    server: Server, clock: Clock, password_hash: str, offset: str
) -> None:
    *before, live = sign_in(server, "alice", password_hash, SESSIONS + 1)
    during = sign_in(server, "bob", password_hash, SESSIONS)
    assert statuses(server, [*before, *during, live]) == {200}
    end(server, before)
    assert (statuses(server, before), statuses(server, [*during, live])) == ({401}, {200})
    clock.set(offset)
    assert statuses(server, [*before, *during, live]) == {401}, "expired, or issued in the future"
    server.command("sessions", "end", "--user", "bob")
    let_workers_forget(server, [*before, *during, live])
    clock.set("+0")
    assert (statuses(server, before + during), statuses(server, [live])) == ({401}, {200})
    let_workers_forget(server, [*before, *during, live])
    end(server, [live])
    assert statuses(server, [*before, *during, live]) == {401}, "a live session can still be ended"


@pytest.mark.each_database
def test_sessions_pruned_while_the_clock_is_ahead_stay_refused_after_it(
    server: Server, clock: Clock, password_hash: str
) -> None:
    """On PostgreSQL nothing is pruned, by its own clock.

    SQLite uses the node's clock.
    """
    *ended, live = sign_in(server, "alice", password_hash, SESSIONS + 1)
    assert statuses(server, [*ended, live]) == {200}
    end(server, ended)
    clock.set("+9d")
    pruned = server.command("sessions", "prune")
    let_workers_forget(server, ended)
    clock.set("+0")
    let_workers_forget(server, ended)
    assert statuses(server, ended) == {401}
    if "postgresql" in server.environ["DAYPASS_DATABASE_URL"]:
        assert pruned == "Deleted 0 sessions.\n"
        assert statuses(server, [live]) == {200}
        end(server, [live])
        assert statuses(server, [live]) == {401}
    else:
        assert pruned == "Deleted 6 sessions.\n"


def test_a_process_started_while_the_clock_was_ahead_rereads_ended_sessions(
    tmp_path: Path, clock: Clock, database_url: str, password_hash: str
) -> None:
    """They stay refused even if the database fails after that."""
    with node(tmp_path, clock, database_url) as server:
        *ended, live = sign_in(server, "alice", password_hash, SESSIONS + 1)
        end(server, ended)
        server.stop()
        clock.set("+2d")
        server.start()
        assert statuses(server, [*ended, live]) == {401}
        clock.set("+0")
        assert statuses(server, [live]) == {200}
        with without_rows(database_url):
            assert statuses(server, ended) == {401}
            assert statuses(server, [live]) == {200}


@contextmanager
def without_rows(database_url: str) -> Iterator[None]:
    """Make every query of sessions in SQLite fail."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as raw:
        raw.execute("ALTER TABLE sessions RENAME TO elsewhere")
        yield
        raw.execute("ALTER TABLE elsewhere RENAME TO sessions")
