"""The same page behind the logins of other projects, each on the server that its users run."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring.load import BenchmarkError, Case, exchange, get
from benchmarks.measuring.servers import PEERS, THREADS, WORKERS, environment, granian, running
from tests.helpers.project import ROOT
from tests.helpers.server import free_port

UVICORN = ("--workers", str(WORKERS), "--log-level", "warning", "--no-access-log")
GUNICORN = ("--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning")


@dataclass(frozen=True)
class Peer:
    """A module of benchmarks/apps, and its server."""

    name: str
    server: str = "granian"
    sign_in: str = "/login"  # a GET that signs alice in

    @property
    def module(self) -> str:
        return f"benchmarks.apps.{self.name.replace('-', '_')}_app"

    def command(self, port: int) -> Sequence[str]:
        target = f"{self.module}:app"
        match self.server:
            case "uvicorn":
                return [str(PEERS / "uvicorn"), *UVICORN, "--port", str(port), target]
            case "gunicorn":
                return [str(PEERS / "gunicorn"), *GUNICORN, "--bind", f"127.0.0.1:{port}", target]
        return granian(target, port=port)


ALL = (
    Peer("flask-login"),
    Peer("flask-jwt-extended"),
    Peer("flask-security", sign_in="/sign-in"),
    Peer("fastapi-users", "uvicorn"),
    Peer("django", "gunicorn"),
)


@contextmanager
def signed_in_page(peer: Peer, folder: Path) -> Iterator[Case]:
    """The case of a peer's page, while its server runs."""
    environ = {"BENCHMARK_DATABASE": str(folder / "database.sqlite3")}
    create = [str(PEERS / "python"), "-c", f"import {peer.module} as app; app.create_database()"]
    created = subprocess.run(create, cwd=ROOT, env=environment(environ), capture_output=True, text=True)
    if created.returncode:
        raise BenchmarkError(f"{peer.name} has no database:\n{created.stderr}")
    port = free_port()
    with running(peer.command(port), folder, port, environ) as server:
        cookie = "; ".join(cookies(exchange(port, get(peer.sign_in))))
        yield Case(peer.name, server, [get("/page", Cookie=cookie)], b"Hello, alice.")


def cookies(response: bytes) -> list[str]:
    """The cookies that a response sets, each as NAME=VALUE."""
    head = response.partition(b"\r\n\r\n")[0].decode()
    return re.findall(r"(?mi)^set-cookie: ([^;\r\n]+)", head)
