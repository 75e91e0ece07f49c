"""A PostgreSQL server for tests, in its own folder.

Run by root, it becomes the user `postgres`.
"""

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
from tests.leaks.databases import record_server

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
INSTALL_HINT = (
    "PostgreSQL is not installed: `make test` as root on Debian installs it; elsewhere install the package postgresql"
)


def is_installed() -> bool:
    """Whether the programs of a PostgreSQL server are installed."""
    return bool(PROGRAMS) or shutil.which("initdb") is not None


@dataclass
class Postgres:
    """A server that a test can also stop and start."""

    folder: Path
    port: int
    template: str = "daypass_template"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement as superuser, in autocommit mode."""
        address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self) -> None:
        """Initialize the data folder."""
        self._run(
            "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D", self.data
        )

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-w", "-D", self.data, "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; the mode `immediate` breaks every connection, like a crash."""
        self._run("pg_ctl", "-w", "-D", self.data, "-m", mode, "stop")

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        path = shutil.which(program) or str(PROGRAMS[0] / program)
        unprivileged = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*unprivileged, path, *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server that runs while the `with` block does."""
    folder = Path(tempfile.mkdtemp(prefix="daypass-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Postgres(folder, free_port())
    try:
        server.create()
        server.start()
        yield server
    finally:
        record_server(f"postgresql://postgres@127.0.0.1:{server.port}", server.log)
        with suppress(subprocess.CalledProcessError):  # a test may have stopped it already
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
