"""The real server, `python app.py`, started for a test and ended after it."""

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
    """A free port outside the ephemeral range, chosen at random so that parallel tests do not choose the same one."""
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@dataclass
class Answer:
    """What came back: no redirect is followed. A status of 0: the connection was closed without a word."""

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
    """A running `python app.py` with its own folder for the database and its own log."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    before: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def prefix(self) -> str:
        """What stands before the paths of Daypass's own pages."""
        return "/-" if "DAYPASS_SITE" in self.environ else ""

    @property
    def log(self) -> str:
        path = self.folder / "server.log"
        return path.read_text() if path.exists() else ""

    @property
    def setup_link(self) -> str:
        link: str = re.findall(r"\S+/setup\?token=\S+", self.log)[-1]
        return link

    def variables(self) -> dict[str, str]:
        """The environment of the server: this process's, without its settings, and those of the test."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DAYPASS_")}
        own = {"DAYPASS_DATABASE_URL": f"sqlite:///{self.folder}/daypass.sqlite3", "DAYPASS_PORT": str(self.port)}
        return kept | own | self.environ

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the process, in a session of its own: signals of the terminal that runs the tests do not reach it."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.before, sys.executable, "app.py"],
                cwd=ROOT,
                env=self.variables(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.process

    def start(self) -> "Server":
        """Start, and come back when it answers."""
        process, deadline = self.launch(), time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log}")
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        try:
            return self.request("GET", f"{self.prefix}/login").status == 200
        except OSError:
            return False

    def stop(self, sig: int = signal.SIGTERM) -> None:
        """End the server with this signal, which it passes on to its workers; SIGKILL goes to each of them."""
        if self.process is not None and self.process.poll() is None:
            workers = descendants(self.process.pid) if sig == signal.SIGKILL else []
            for process in (self.process.pid, *workers):
                with suppress(ProcessLookupError):
                    os.kill(process, sig)
            self.process.wait(20)
        self.process = None

    def flask(self, *arguments: str, stdin: str = "") -> str:
        """Run `flask ...` on the server's database and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env=self.variables(),
            input=stdin,
            text=True,
            capture_output=True,
            check=True,
        )
        return done.stdout

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request on a connection of its own, so that any worker may get it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, self._host() | dict(headers or {}))
            got = connection.getresponse()
            return Answer(got.status, got.headers, got.read().decode())
        finally:
            connection.close()

    def _host(self) -> dict[str, str]:
        """The host under which visitors reach it, which is the only one that it answers to."""
        base_url = self.environ.get("DAYPASS_BASE_URL")
        return {"Host": urlsplit(base_url).netloc} if base_url else {}

    def sign_in(self, username: str, password: str) -> str:
        """The token of a new session."""
        body = json.dumps({"username": username, "password": password}).encode()
        answer = self.request("POST", f"{self.prefix}/login", {"Content-Type": "application/json"}, body)
        token: str = answer.json()["token"]
        return token


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def tampered(token: str) -> str:
    """The token with one character of its payload changed; it is still base64url."""
    place = token.index(".") + 21
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


@contextmanager
def running(folder: Path, before: Sequence[str] = (), **environ: str) -> Iterator[Server]:
    """A server for a `with` block; `before` is a command that starts it, such as one that changes its clock."""
    server = Server(folder, environ, before=list(before))
    try:
        yield server.start()
    finally:
        server.stop(signal.SIGKILL)
