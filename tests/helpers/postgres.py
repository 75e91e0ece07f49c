"""A real PostgreSQL server for tests, in a folder of its own, as an unprivileged user where we are root."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.helpers.server import free_port

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
HOW = "PostgreSQL is not installed: `make test` as root on Debian installs it; else install the package postgresql"


def is_installed() -> bool:
    """Whether the programs of a server are here."""
    return bool(PROGRAMS) or shutil.which("initdb") is not None


@dataclass
class Postgres:
    """A running server. `stop` and `start` are what a database's owner does to it."""

    folder: Path
    port: int
    template: str = "daypass_template"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement as the owner of everything."""
        address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self) -> None:
        """Lay the folder out."""
        self._run(
            "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D", self.data
        )

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-w", "-D", self.data, "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` breaks every connection, as a crash does."""
        self._run("pg_ctl", "-w", "-D", self.data, "-m", mode, "stop")

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        where = shutil.which(program) or str(PROGRAMS[0] / program)
        unprivileged = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*unprivileged, where, *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server for a `with` block."""
    folder = Path(tempfile.mkdtemp(prefix="daypass-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Postgres(folder, free_port())
    try:
        server.create()
        server.start()
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # a test may have stopped it already
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
