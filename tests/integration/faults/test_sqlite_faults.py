"""What can happen to SQLite's file: locked, read-only, unreadable, overwritten, or on a disk that is full."""

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

from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.helpers.startup import without_file_override
from tests.integration.faults.factories import add_people
from tests.integration.faults.load import Hit, blunders, enter, eventually, is_done, meanwhile, sign_in, sign_out
from tests.integration.faults.worker_processes import kill, workers

LOCKED = rounds(full=20, quick=5)  # seconds; a write waits 5 s for the lock
SETTINGS = {"DAYPASS_WORKERS": "1", "DAYPASS_REVOCATION_GRACE": "1"}


@dataclass
class Site:
    """A server, its database, and sessions that it knows: all are live but `ended`. What was asked is in `hits`."""

    server: Server
    database: Path
    live: str
    ended: str
    kept: list[str]
    hits: list[Hit]

    @property
    def files(self) -> list[Path]:
        """The database's file, its log and its index, as far as they are there."""
        return [path for end in ("", "-wal", "-shm") if (path := Path(f"{self.database}{end}")).exists()]

    def enter(self, token: str, *, page: bool = False) -> int:
        return self.noted(enter(self.server, token, page=page)).status

    def sign_in(self, *, page: bool = False) -> Hit:
        return self.noted(sign_in(self.server, "person0", page=page))

    def sign_out(self, token: str, *, page: bool = False) -> Hit:
        return self.noted(sign_out(self.server, token, page=page))

    def noted(self, hit: Hit) -> Hit:
        self.hits.append(hit)
        return hit

    def replace_worker(self) -> None:
        """Kill the one worker, and wait for the next one to answer."""
        (worker,) = workers(self.server)
        kill(worker)
        assert eventually(lambda: workers(self.server) not in ([], [worker]) and is_up(self.server)), self.server.log

    def refuses_writing(self, tokens: list[str]) -> None:
        """Hold sign-in and sign-out, by programs and browsers, to "not now"."""
        acts = [
            lambda: self.sign_in(),
            lambda: self.sign_in(page=True),
            lambda: self.sign_out(tokens[0]),
            lambda: self.sign_out(tokens[1], page=True),
        ]
        with ThreadPoolExecutor(len(acts)) as pool:
            asked = [one.result() for one in [pool.submit(act) for act in acts]]
        assert [str(hit) for hit in asked if not hit.says_later] == []
        assert [hit.media for hit in asked] == ["application/problem+json", "text/html"] * 2

    def recovers(self) -> None:
        """Hold the server to be as good as before, without help: nothing is lost, and what was asked is told right."""
        assert eventually(lambda: is_done(self.sign_in())), self.server.log[-5000:]
        signed_out = {hit.token for hit in self.hits if hit.request == "POST /logout" and is_done(hit)}
        for token in (self.live, *self.kept):
            assert self.enter(token) == (401 if token in signed_out else 200)
        assert self.enter(self.ended) == 401
        assert self.sign_out(self.kept[-1]).status == 204
        assert self.enter(self.kept[-1]) == 401
        self.made_no_blunder()
        self.server.stop()
        with closing(sqlite3.connect(self.database)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def made_no_blunder(self) -> None:
        assert blunders(self.hits) == []
        assert [str(hit) for hit in self.hits if hit.token == self.ended and hit.status == 200] == []


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
        live, ended, *kept = add_people(server, password_hash, 8)
        site = Site(server, database, live, ended, kept, [])
        assert {site.enter(token) for token in (live, ended, *kept)} == {200}
        assert (site.sign_out(ended).status, site.enter(ended), site.sign_in().status) == (204, 401, 200)
        site.hits.clear()
        yield site


@pytest.fixture
def site(tmp_path: Path, password_hash: str) -> Iterator[Site]:
    """A server that may not do what permissions forbid, even where the test is run by root."""
    with site_in(tmp_path, tmp_path / "daypass.sqlite3", password_hash, without_file_override()) as site:
        yield site


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Let another connection hold the lock that writers need."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def test_while_another_process_holds_the_lock_gated_pages_go_on_and_writing_is_put_off(site: Site) -> None:
    acts: list[Callable[[], Hit]] = [lambda: enter(site.server, site.live), lambda: enter(site.server, site.ended)]
    with meanwhile(acts, every=0.05) as hits, locked(site.database):
        start = time.monotonic()
        while time.monotonic() < start + LOCKED:
            site.refuses_writing(site.kept)
    assert {hit.status for hit in hits if hit.token == site.live} == {200}
    assert {hit.status for hit in hits if hit.token == site.ended} == {401}
    assert len([hit for hit in hits if start < hit.ended < start + LOCKED]) > LOCKED
    site.recovers()


@contextmanager
def forbidden(site: Site, file: int, folder: int) -> Iterator[None]:
    """Take permissions on the database's files and their folder away."""
    modes = {path: path.stat().st_mode & 0o777 for path in (*site.files, site.database.parent)}
    for path in modes:
        path.chmod(folder if path.is_dir() else file)
    try:
        yield
    finally:
        for path, mode in reversed(modes.items()):
            path.chmod(mode)


def test_on_files_that_are_read_only_gated_pages_go_on_and_writing_is_put_off(site: Site) -> None:
    """What is open stays writable, so it is a new worker that finds the files so."""
    with forbidden(site, 0o400, 0o500):
        site.replace_worker()
        assert [site.enter(token) for token in (site.live, site.ended)] == [200, 401]
        site.refuses_writing(site.kept)
        assert [site.enter(token) for token in (site.live, site.ended, *site.kept[:2])] == [200, 401, 200, 200]
    site.recovers()


def test_on_files_that_cannot_be_read_the_gate_is_shut(site: Site) -> None:
    with forbidden(site, 0o000, 0o500):
        assert site.enter(site.ended) in (401, 503)
        site.replace_worker()
        assert [site.enter(site.live), site.enter(site.live, page=True), site.enter(site.ended)] == [503] * 3
        site.refuses_writing(site.kept)
    assert eventually(lambda: site.enter(site.live) == 200)
    site.recovers()


def test_on_garbage_in_place_of_the_file_the_gate_is_shut(site: Site) -> None:
    """The old file stays open in the worker that knew it, and as good as it was; a new one finds the garbage."""
    garbage = site.database.with_name("garbage")
    garbage.write_bytes(os.urandom(site.database.stat().st_size))
    garbage.replace(site.database)
    assert site.enter(site.ended) in (401, 503)
    site.replace_worker()
    assert [site.enter(site.live), site.enter(site.live, page=True), site.enter(site.ended)] == [503] * 3
    site.refuses_writing(site.kept)
    site.made_no_blunder()


def spoil(site: Site) -> None:
    """Overwrite the database's file and its log with garbage, as a failing disk may; the index of the log stays."""
    for path in site.files:
        if not path.name.endswith("-shm"):
            overwrite(path, os.urandom(path.stat().st_size))


def test_on_a_file_that_is_overwritten_the_gate_shuts_after_the_grace(site: Site) -> None:
    """What is still in memory may be read and written for a while; whatever is written has the rows read again."""
    spoil(site)
    assert eventually(lambda: bool(site.sign_in()) and site.enter(site.live) == 503)
    assert [site.enter(site.live, page=True), site.enter(site.ended)] == [503, 503]
    site.replace_worker()
    assert [site.enter(site.live), site.enter(site.live, page=True), site.enter(site.ended)] == [503] * 3
    site.refuses_writing(site.kept)
    site.made_no_blunder()


def test_on_a_file_that_is_overwritten_a_sign_out_that_is_done_counts_at_once(site: Site) -> None:
    spoil(site)
    after = [site.enter(token) for token in site.kept if is_done(site.sign_out(token))]
    assert set(after) <= {401, 503}


def overwrite(path: Path, content: bytes) -> None:
    with path.open("r+b") as file:
        file.write(content)
        file.flush()


@dataclass
class Disk:
    """A folder whose space can be used up and given back."""

    folder: Path
    fill: Callable[[Server, Path], None]
    clear: Callable[[Server], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 2 MB where one may be mounted, else a limit on the size of the worker's files."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True)  # noqa: S607
    if mount.returncode != 0:
        yield Disk(folder, limit_size, lift_limit)
        return
    try:
        yield Disk(folder, use_up, lambda server: (folder / "filler").unlink())
    finally:
        subprocess.run(["umount", folder], check=True)  # noqa: S607


def use_up(server: Server, database: Path) -> None:
    """Fill the disk to the last byte."""
    with (database.parent / "filler").open("wb", buffering=0) as filler:
        for size in (64 * 1024, 4096, 1):
            try:
                while filler.write(bytes(size)):
                    pass
            except OSError:
                continue


def limit_size(server: Server, database: Path) -> None:
    """Let no file of the workers grow beyond the size that the database's log has now."""
    assert server.process
    size = Path(f"{database}-wal").stat().st_size
    for process_id in (server.process.pid, *workers(server)):
        resource.prlimit(process_id, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def lift_limit(server: Server) -> None:
    assert server.process
    for process_id in (server.process.pid, *workers(server)):
        resource.prlimit(process_id, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_on_a_full_disk_gated_pages_go_on_and_writing_is_put_off(
    disk: Disk, tmp_path: Path, password_hash: str
) -> None:
    """Another process has the database open, so that closing it wins no space by doing away with its log."""
    database = disk.folder / "daypass.sqlite3"
    with site_in(tmp_path, database, password_hash) as site, closing(sqlite3.connect(database)) as other:
        other.execute("SELECT count(*) FROM accounts").fetchone()
        disk.fill(site.server, database)
        site.refuses_writing(site.kept)
        assert [site.enter(token) for token in (site.live, site.ended, *site.kept)] == [200, 401] + [200] * 6
        site.replace_worker()
        assert [site.enter(token) for token in (site.live, site.ended, *site.kept)] == [200, 401] + [200] * 6
        site.refuses_writing(site.kept)
        disk.clear(site.server)
        site.recovers()
