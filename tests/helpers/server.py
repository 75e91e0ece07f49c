"""Run the real server, `python app.py`, for a test."""

import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.helpers.processes import descendants
from tests.helpers.project import ROOT

START_SECONDS = 30
PORTS = range(10_000, 32_768)  # below the ephemeral ports of Linux


def free_port() -> int:
    """A free port outside the ephemeral range.

    Random, so that parallel tests rarely pick the same one.
    """
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@dataclass
class Response:
    """A response.

    Redirects are not followed. Status 0: the connection was closed without a response.
    """

    status: int
    headers: HTTPMessage
    body: str

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


@dataclass
class Server:
    """One `python app.py`, with its database and its log in its own folder. project: the folder of the program."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    command_prefix: list[str] = field(default_factory=list)
    project: Path = ROOT
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def prefix(self) -> str:
        """The prefix of the paths of Daypass's own pages."""
        return "/-" if "DAYPASS_SITE" in self.environ else ""

    @property
    def log(self) -> str:
        path = self.folder / "server.log"
        return path.read_text() if path.exists() else ""

    @property
    def setup_link(self) -> str:
        link: str = re.findall(r"\S+/setup\?code=\S+", self.log)[-1]
        return link

    def variables(self) -> dict[str, str]:
        """The server's environment: ours without DAYPASS_*, plus its settings."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DAYPASS_")}
        own = {"DAYPASS_DATABASE_URL": f"sqlite:///{self.folder}/daypass.sqlite3", "DAYPASS_PORT": str(self.port)}
        return inherited | own | self.environ

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the process in a new session, out of reach of the terminal's signals."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command_prefix, sys.executable, "app.py"],
                cwd=self.project,
                env=self.variables(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.process

    def start(self) -> "Server":
        """Start the server and wait until it responds."""
        process, deadline = self.launch(), time.monotonic() + START_SECONDS
        while not self._responds():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log}")
            time.sleep(0.02)
        return self

    def _responds(self) -> bool:
        try:
            return self.request("GET", f"{self.prefix}/login").status == 200
        except OSError:
            return False

    def stop(self, sig: int = signal.SIGTERM) -> None:
        """Stop the server with a signal, which it passes on to its workers.

        SIGKILL is sent to each of them.
        """
        if self.process is not None and self.process.poll() is None:
            workers = descendants(self.process.pid) if sig == signal.SIGKILL else []
            for process in (self.process.pid, *workers):
                with suppress(ProcessLookupError):
                    os.kill(process, sig)
            self.process.wait(20)
        self.process = None

    def command(self, *arguments: str, stdin: str = "") -> str:
        """Run `daypass ...` on the server's database; returns its standard output."""
        completed = subprocess.run(
            [sys.executable, "app.py", *arguments],
            cwd=self.project,
            env=self.variables(),
            input=stdin,
            text=True,
            capture_output=True,
            check=True,
        )
        return completed.stdout

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Send one request on a new connection, so that any worker may get it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, self._host() | dict(headers or {}))
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def _host(self) -> dict[str, str]:
        """The Host header of DAYPASS_BASE_URL, the only host that the server accepts."""
        base_url = self.environ.get("DAYPASS_BASE_URL")
        return {"Host": urlsplit(base_url).netloc} if base_url else {}

    def sign_in(self, username: str, password: str) -> str:
        """Sign in by JSON; returns the token of the new session."""
        body = json.dumps({"username": username, "password": password}).encode()
        response = self.request("POST", f"{self.prefix}/login", {"Content-Type": "application/json"}, body)
        token: str = response.json()["token"]
        return token


@contextmanager
def running(folder: Path, command_prefix: Sequence[str] = (), **environ: str) -> Iterator[Server]:
    """A server that runs while the `with` block does.

    `command_prefix` is a command that runs the server, such as faketime with its arguments.
    """
    server = Server(folder, environ, command_prefix=list(command_prefix))
    try:
        yield server.start()
    finally:
        server.stop(signal.SIGKILL)
