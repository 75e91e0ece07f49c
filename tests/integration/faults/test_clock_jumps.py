"""A node's clock that goes days ahead and comes back: what ended stays ended, in every process, and what lives goes on.

The server really sees its clock jump (libfaketime reads it from a file), and its monotonic clock goes on as ever. On
SQLite that clock is the database's as well; PostgreSQL has one of its own, which stays right.
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

from daypass.accounts import accounts
from daypass.database.change_detector import POLL_SECONDS
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import SECRET_KEY, new_session
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.project import ROOT
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header
from tests.helpers.workers import connections_to_both_workers, status_of
from tests.integration.faults.factories import app_beside

FORGET_EVERY = 0.2  # seconds: the server looks for what it can forget that often, not every hour
FIVE = 5


@dataclass(frozen=True)
class Clock:
    """The clock of a node, by the file that tells libfaketime how far it is off."""

    file: Path

    def set(self, off: str) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"{off}\n")
        new.replace(self.file)

    def environ(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # it makes timed waits several seconds long
        }


def library() -> str:
    """Where libfaketime is, as its own command says."""
    program = shutil.which("faketime")
    if program is None:
        skip_or_fail("faketime is not installed")
    shown = subprocess.run([program, "-m", "-f", "+0", "env"], check=True, capture_output=True, text=True).stdout
    (found,) = [line.partition("=")[2] for line in shown.splitlines() if line.startswith("LD_PRELOAD=")]
    return found


def forgetful(folder: Path) -> str:
    """A PYTHONPATH under which every process of the server looks often for what it can forget."""
    (folder / "sitecustomize.py").write_text(f"import daypass.revocation as r\nr.FORGET_EVERY = {FORGET_EVERY}\n")
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
    with running(folder, PYTHONPATH=forgetful(folder), **settings, **clock.environ()) as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, clock: Clock, database_url: str) -> Iterator[Server]:
    with node(tmp_path, clock, database_url) as server:
        yield server


def sign_in(server: Server, name: str, password_hash: str, many: int) -> list[str]:
    """Tokens of so many sessions of a new account."""
    with app_beside(server) as app:
        with app.app_context(), write_transaction(current_db()):
            account = accounts.create(current_db(), name, password_hash).id
        return [new_session(app, account)[1] for _ in range(many)]


def answers(server: Server, tokens: list[str]) -> set[int]:
    """What each worker answers to each of them."""
    with connections_to_both_workers(server) as workers:
        return {status_of(worker, "GET", "/members", token) for worker in workers for token in tokens}


def end(server: Server, tokens: list[str]) -> None:
    assert {server.request("POST", "/logout", bearer_header(token)).status for token in tokens} == {204}
    time.sleep(POLL_SECONDS)


def go_on(server: Server, tokens: list[str]) -> None:
    """Let every worker read and forget what it wants to, while requests come in."""
    for _ in range(3):
        time.sleep(max(FORGET_EVERY, POLL_SECONDS))
        answers(server, tokens)


@pytest.mark.each_database
@pytest.mark.parametrize("off", ["+2d", "-2d"])
def test_what_ended_before_or_meanwhile_is_refused_when_the_clock_is_right_again(
    server: Server, clock: Clock, password_hash: str, off: str
) -> None:
    *before, live = sign_in(server, "alice", password_hash, FIVE + 1)
    meanwhile = sign_in(server, "bob", password_hash, FIVE)
    assert answers(server, [*before, *meanwhile, live]) == {200}
    end(server, before)
    assert (answers(server, before), answers(server, [*meanwhile, live])) == ({401}, {200})
    clock.set(off)
    assert answers(server, [*before, *meanwhile, live]) == {401}, "expired, or issued in the future"
    server.flask("sessions", "end", "--user", "bob")
    go_on(server, [*before, *meanwhile, live])
    clock.set("+0")
    assert (answers(server, before + meanwhile), answers(server, [live])) == ({401}, {200})
    go_on(server, [*before, *meanwhile, live])
    end(server, [live])
    assert answers(server, [*before, *meanwhile, live]) == {401}, "the one that lived can be ended as ever"


@pytest.mark.each_database
def test_what_is_pruned_by_a_clock_that_is_ahead_is_refused_when_it_is_right_again(
    server: Server, clock: Clock, password_hash: str
) -> None:
    """By PostgreSQL's own clock nothing is; SQLite has no other clock than the node's."""
    *ended, live = sign_in(server, "alice", password_hash, FIVE + 1)
    assert answers(server, [*ended, live]) == {200}
    end(server, ended)
    clock.set("+9d")
    pruned = server.flask("sessions", "prune")
    go_on(server, ended)
    clock.set("+0")
    go_on(server, ended)
    assert answers(server, ended) == {401}
    if "postgresql" in server.environ["DAYPASS_DATABASE_URL"]:
        assert pruned == "Deleted 0 sessions.\n"
        assert answers(server, [live]) == {200}
        end(server, [live])
        assert answers(server, [live]) == {401}
    else:
        assert pruned == "Deleted 6 sessions.\n"


def test_a_process_that_started_while_the_clock_was_ahead_reads_again_what_had_ended(
    tmp_path: Path, clock: Clock, database_url: str, password_hash: str
) -> None:
    """Before the next request is answered: should the database fail right after it, they are refused all the same."""
    with node(tmp_path, clock, database_url) as server:
        *ended, live = sign_in(server, "alice", password_hash, FIVE + 1)
        end(server, ended)
        server.stop()
        clock.set("+2d")
        server.start()
        assert answers(server, [*ended, live]) == {401}
        clock.set("+0")
        assert answers(server, [live]) == {200}
        with without_rows(database_url):
            assert answers(server, ended) == {401}
            assert answers(server, [live]) == {200}


@contextmanager
def without_rows(database_url: str) -> Iterator[None]:
    """Let every look at a session in SQLite fail."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as raw:
        raw.execute("ALTER TABLE sessions RENAME TO elsewhere")
        yield
        raw.execute("ALTER TABLE elsewhere RENAME TO sessions")
