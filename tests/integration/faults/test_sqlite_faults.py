"""SQLite's file is locked, read-only, unreadable, overwritten or full."""

import os
import resource
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.factories import add_sessions
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.helpers.startup import without_file_override
from tests.integration.faults.load import (
    Attempt,
    background_load,
    eventually,
    get_gated_page,
    is_success,
    sign_in,
    sign_out,
    unexpected_errors,
)
from tests.integration.faults.worker_processes import kill, workers

LOCKED = rounds(full=20, quick=5)  # seconds; a write waits 5 s for the lock
SETTINGS = {"DAYPASS_WORKERS": "1", "DAYPASS_REVOCATION_GRACE": "1"}


@dataclass
class Site:
    """A server, its database, and tokens of sessions, all live except `ended`.

    `attempts` records the requests.
    """

    server: Server
    database: Path
    live: str
    ended: str
    kept: list[str]
    attempts: list[Attempt]

    @property
    def files(self) -> list[Path]:
        """The database's file, its WAL and its index, those that exist."""
        return [path for end in ("", "-wal", "-shm") if (path := Path(f"{self.database}{end}")).exists()]

    def status_of(self, token: str, *, page: bool = False) -> int:
        return self.record(get_gated_page(self.server, token, page=page)).status

    def sign_in(self, *, page: bool = False) -> Attempt:
        return self.record(sign_in(self.server, "person0", page=page))

    def sign_out(self, token: str, *, page: bool = False) -> Attempt:
        return self.record(sign_out(self.server, token, page=page))

    def record(self, attempt: Attempt) -> Attempt:
        self.attempts.append(attempt)
        return attempt

    def replace_worker(self) -> None:
        """Kill the one worker, and wait until its successor responds."""
        (worker,) = workers(self.server)
        kill(worker)
        assert eventually(lambda: workers(self.server) not in ([], [worker]) and is_up(self.server)), self.server.log

    def assert_refuses_writes(self, tokens: list[str]) -> None:
        """Sign-in and sign-out must respond with 503 and Retry-After."""
        actions = [
            lambda: self.sign_in(),
            lambda: self.sign_in(page=True),
            lambda: self.sign_out(tokens[0]),
            lambda: self.sign_out(tokens[1], page=True),
        ]
        with ThreadPoolExecutor(len(actions)) as pool:
            attempts = [future.result() for future in [pool.submit(action) for action in actions]]
        assert [str(attempt) for attempt in attempts if not attempt.says_retry_later] == []
        assert [attempt.media for attempt in attempts] == ["application/problem+json", "text/html"] * 2

    def assert_recovers(self) -> None:
        """The server must recover by itself, without losing a session."""
        assert eventually(lambda: is_success(self.sign_in())), self.server.log[-5000:]
        signed_out = {
            attempt.token for attempt in self.attempts if attempt.request == "POST /logout" and is_success(attempt)
        }
        for token in (self.live, *self.kept):
            assert self.status_of(token) == (401 if token in signed_out else 200)
        assert self.status_of(self.ended) == 401
        assert self.sign_out(self.kept[-1]).status == 204
        assert self.status_of(self.kept[-1]) == 401
        self.assert_no_unexpected_errors()
        self.server.stop()
        with closing(sqlite3.connect(self.database)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def assert_no_unexpected_errors(self) -> None:
        assert unexpected_errors(self.attempts) == []
        assert [
            str(attempt) for attempt in self.attempts if attempt.token == self.ended and attempt.status == 200
        ] == []


def is_up(server: Server) -> bool:
    try:
        return server.request("GET", "/healthz").status == 200
    except OSError:
        return False


@contextmanager
def site_in(folder: Path, database: Path, password_hash: str, command_prefix: tuple[str, ...] = ()) -> Iterator[Site]:
    with running(
        folder, command_prefix=command_prefix, DAYPASS_DATABASE_URL=f"sqlite:///{database}", **SETTINGS
    ) as server:
        live, ended, *kept = add_sessions(server, password_hash, 8)
        site = Site(server, database, live, ended, kept, [])
        assert {site.status_of(token) for token in (live, ended, *kept)} == {200}
        assert (site.sign_out(ended).status, site.status_of(ended), site.sign_in().status) == (204, 401, 200)
        site.attempts.clear()
        yield site


@pytest.fixture
def site(tmp_path: Path, password_hash: str) -> Iterator[Site]:
    """A server that permissions apply to, even if root runs the test."""
    with site_in(tmp_path, tmp_path / "daypass.sqlite3", password_hash, without_file_override()) as site:
        yield site


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the lock that writers need, on another connection."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def test_while_another_process_holds_the_lock_gated_pages_work_and_writes_are_refused(site: Site) -> None:
    acts: list[Callable[[], Attempt]] = [
        lambda: get_gated_page(site.server, site.live),
        lambda: get_gated_page(site.server, site.ended),
    ]
    with background_load(acts, interval=0.05) as attempts, locked(site.database):
        start = time.monotonic()
        while time.monotonic() < start + LOCKED:
            site.assert_refuses_writes(site.kept)
    assert {attempt.status for attempt in attempts if attempt.token == site.live} == {200}
    assert {attempt.status for attempt in attempts if attempt.token == site.ended} == {401}
    assert len([attempt for attempt in attempts if start < attempt.ended < start + LOCKED]) > LOCKED
    site.assert_recovers()


@contextmanager
def forbidden(site: Site, file: int, folder: int) -> Iterator[None]:
    """Set these permissions on the database's files while the block runs."""
    modes = {path: path.stat().st_mode & 0o777 for path in (*site.files, site.database.parent)}
    for path in modes:
        path.chmod(folder if path.is_dir() else file)
    try:
        yield
    finally:
        for path, mode in reversed(modes.items()):
            path.chmod(mode)


def test_with_read_only_files_gated_pages_work_and_writes_are_refused(site: Site) -> None:
    """Open files stay writable, so only a new worker notices."""
    with forbidden(site, 0o400, 0o500):
        site.replace_worker()
        assert [site.status_of(token) for token in (site.live, site.ended)] == [200, 401]
        site.assert_refuses_writes(site.kept)
        assert [site.status_of(token) for token in (site.live, site.ended, *site.kept[:2])] == [200, 401, 200, 200]
    site.assert_recovers()


def test_with_unreadable_files_the_gate_is_shut(site: Site) -> None:
    with forbidden(site, 0o000, 0o500):
        assert site.status_of(site.ended) in (401, 503)
        site.replace_worker()
        assert [site.status_of(site.live), site.status_of(site.live, page=True), site.status_of(site.ended)] == [
            503
        ] * 3
        site.assert_refuses_writes(site.kept)
    assert eventually(lambda: site.status_of(site.live) == 200)
    site.assert_recovers()


def test_with_garbage_in_place_of_the_file_the_gate_is_shut(site: Site) -> None:
    """The old worker still has the old file open, and works.

    A new worker finds the garbage.
    """
    garbage = site.database.with_name("garbage")
    garbage.write_bytes(os.urandom(site.database.stat().st_size))
    garbage.replace(site.database)
    assert site.status_of(site.ended) in (401, 503)
    site.replace_worker()
    assert [site.status_of(site.live), site.status_of(site.live, page=True), site.status_of(site.ended)] == [503] * 3
    site.assert_refuses_writes(site.kept)
    site.assert_no_unexpected_errors()


def overwrite_with_garbage(site: Site) -> None:
    """Overwrite the file and its WAL with random bytes; the WAL's index stays."""
    for path in site.files:
        if not path.name.endswith("-shm"):
            overwrite(path, os.urandom(path.stat().st_size))


def test_with_an_overwritten_file_the_gate_shuts_after_the_grace(site: Site) -> None:
    """Pages cached in memory can be read and written for a while.

    Any write makes the server reread the rows.
    """
    overwrite_with_garbage(site)
    assert eventually(lambda: bool(site.sign_in()) and site.status_of(site.live) == 503)
    assert [site.status_of(site.live, page=True), site.status_of(site.ended)] == [503, 503]
    site.replace_worker()
    assert [site.status_of(site.live), site.status_of(site.live, page=True), site.status_of(site.ended)] == [503] * 3
    site.assert_refuses_writes(site.kept)
    site.assert_no_unexpected_errors()


def test_with_an_overwritten_file_a_confirmed_sign_out_counts_at_once(site: Site) -> None:
    overwrite_with_garbage(site)
    after = [site.status_of(token) for token in site.kept if is_success(site.sign_out(token))]
    assert set(after) <= {401, 503}


def overwrite(path: Path, content: bytes) -> None:
    with path.open("r+b") as file:
        file.write(content)
        file.flush()


@dataclass
class Disk:
    """A folder whose free space can be used up and released."""

    folder: Path
    fill: Callable[[Server, Path], None]
    clear: Callable[[Server], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 2 MB, or else a limit on the size of the worker's files."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True)  # noqa: S607
    if mount.returncode != 0:
        yield Disk(folder, limit_size, lift_limit)
        return
    try:
        yield Disk(folder, use_up_disk, lambda server: (folder / "filler").unlink())
    finally:
        subprocess.run(["umount", folder], check=True)  # noqa: S607


def use_up_disk(server: Server, database: Path) -> None:
    """Fill the disk to the last byte."""
    with (database.parent / "filler").open("wb", buffering=0) as filler:
        for size in (64 * 1024, 4096, 1):
            try:
                while filler.write(bytes(size)):
                    pass
            except OSError:
                continue


def limit_size(server: Server, database: Path) -> None:
    """Let no file of the workers grow beyond the current size of the database's WAL."""
    assert server.process
    size = Path(f"{database}-wal").stat().st_size
    for process_id in (server.process.pid, *workers(server)):
        resource.prlimit(process_id, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def lift_limit(server: Server) -> None:
    assert server.process
    for process_id in (server.process.pid, *workers(server)):
        resource.prlimit(process_id, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_on_a_full_disk_gated_pages_work_and_writes_are_refused(disk: Disk, tmp_path: Path, password_hash: str) -> None:
    """A second connection keeps the WAL, whose deletion would free space."""
    database = disk.folder / "daypass.sqlite3"
    with site_in(tmp_path, database, password_hash) as site, closing(sqlite3.connect(database)) as other:
        other.execute("SELECT count(*) FROM accounts").fetchone()
        disk.fill(site.server, database)
        site.assert_refuses_writes(site.kept)
        assert [site.status_of(token) for token in (site.live, site.ended, *site.kept)] == [200, 401] + [200] * 6
        site.replace_worker()
        assert [site.status_of(token) for token in (site.live, site.ended, *site.kept)] == [200, 401] + [200] * 6
        site.assert_refuses_writes(site.kept)
        disk.clear(site.server)
        site.assert_recovers()
