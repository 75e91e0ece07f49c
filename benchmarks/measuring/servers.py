"""Start servers on loopback, and stop them by their process ids."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring.cpu import cpu_seconds
from tests.helpers.processes import descendants
from tests.helpers.project import ROOT

WORKERS = 2
THREADS = 2  # DAYPASS_THREADS
GRANIAN_THREADS = 2 * THREADS  # Daypass asks Granian for twice as many, so its peers get these too
PEERS = ROOT / ".bench/bin"  # programs of the peers' environment
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server, its first process, and the folder of its files."""

    port: int
    pid: int
    folder: Path

    def cpu_seconds(self) -> float:
        """What all of its processes have used so far."""
        return cpu_seconds(self.pid)


@contextmanager
def running(
    command: Sequence[str], folder: Path, port: int, environ: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server that listens on this port of loopback while the `with` block runs."""
    log = folder / f"{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(command), cwd=ROOT, env=environment(environ or {}), stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait(process, port, log)
        yield Server(port, process.pid, folder)
    finally:
        _stop(process)


def granian(app: str, *options: str, port: int, program: str | None = None) -> list[str]:
    """The command that serves a WSGI app by Granian, with the numbers of workers and threads that Daypass gets.

    program: the path of Granian; by default that of the peers' environment.
    """
    own = ["--interface", "wsgi", "--http", "1", "--workers", str(WORKERS), "--blocking-threads", str(GRANIAN_THREADS)]
    return [program or str(PEERS / "granian"), *own, "--no-log", "--port", str(port), *options, app]


def project_granian() -> str:
    """Granian of the environment that runs the benchmark."""
    return str(Path(sys.executable).with_name("granian"))


def daypass_settings(folder: Path, port: int, **settings: str) -> dict[str, str]:
    """The environment variables of a Daypass server with a database of its own in this folder."""
    own = {"DATABASE_URL": f"sqlite:///{folder}/daypass.sqlite3", "PORT": str(port)}
    own |= {"WORKERS": str(WORKERS), "THREADS": str(THREADS)}
    return {f"DAYPASS_{name}": value for name, value in (own | settings).items()}


def daypass_command(module: str = "benchmarks.apps.daypass_app") -> list[str]:
    return [sys.executable, "-m", module]


def new_folder(parent: Path, name: str) -> Path:
    (folder := parent / name).mkdir()
    return folder


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Our environment without settings of Daypass, plus these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DAYPASS_")}
    return inherited | {"PYTHONPATH": str(ROOT)} | dict(extra)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop; kill what is left of it after a few seconds."""
    processes = (process.pid, *descendants(process.pid))
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        for pid in processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(10)
