"""Load on a server by wrk, in slices of a few seconds."""

import json
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.measuring.servers import Server

SCRIPT = Path(__file__).with_name("requests.lua")
CONNECTIONS = 32  # enough that the workers get similar shares
PAUSE = 0.1  # seconds after a slice, in which the server ends the requests that were not counted
CHECKS = 8  # connections on which a case is checked, so that every worker has answered once


class BenchmarkError(Exception):
    """The benchmark cannot go on; the message says why."""


@dataclass(frozen=True)
class Slice:
    """What one server did in a few seconds. cpu: of the server, in seconds. p99: latency, in seconds."""

    requests: int
    seconds: float
    bytes: int
    cpu: float
    p99: float


@dataclass(frozen=True)
class Case:
    """One kind of request to one server.

    requests: as sent; each time one of them at random. expected: a part of every response. behind: further servers
    whose CPU counts.
    """

    name: str
    server: Server
    requests: Sequence[bytes]
    expected: bytes = b""
    status: int = 200
    behind: Sequence[Server] = ()
    connections: int = CONNECTIONS
    tls: bool = False

    def cpu_seconds(self) -> float:
        return sum(server.cpu_seconds() for server in (self.server, *self.behind))

    def check(self) -> None:
        """Send the first request, and raise BenchmarkError if a response is not the expected one."""
        for _ in range(CHECKS):
            response = exchange(self.server.port, self.requests[0], tls=self.tls)
            status = response.split(maxsplit=2)[1:2]
            if status != [str(self.status).encode()] or self.expected not in response:
                shown = response[:2000].decode(errors="replace")
                raise BenchmarkError(f"{self.name} got an unexpected response:\n{shown}")

    def run(self, seconds: int, *, start: int | None = None) -> Slice:
        """Send requests for some seconds, as many as the server answers.

        start: send them one after the other, beginning with this one, and start again after the last.
        """
        url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server.port}"
        options = ["-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT), url]
        before = self.cpu_seconds()
        output = subprocess.run(
            [wrk(), *options, "--", str(self._file), "" if start is None else str(start)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        cpu = self.cpu_seconds() - before
        time.sleep(PAUSE)
        found = json.loads(output.splitlines()[-1])
        if found.pop("failed") or not found["requests"]:
            raise BenchmarkError(f"{self.name} had failed requests:\n{output}")
        return Slice(cpu=cpu, **found)

    @cached_property
    def _file(self) -> Path:
        """The file of the requests."""
        with tempfile.NamedTemporaryFile(dir=self.server.folder, suffix=".requests", delete=False) as file:
            file.write(b"\0".join(self.requests) + b"\0")
        return Path(file.name)


def wrk() -> str:
    """The path of wrk."""
    path = shutil.which("wrk")
    if path is None:
        raise BenchmarkError("wrk is not installed: `make bench` as root on Debian installs it; else install wrk.")
    return path


def get(target: str, host: str = "127.0.0.1", **headers: str) -> bytes:
    """A GET as a browser's navigation sends it. `_` in the names of headers stands for `-`."""
    sent = {"Host": host, "Accept": "text/html", "Sec-Fetch-Mode": "navigate", "User-Agent": "Benchmark/1.0"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return "\r\n".join([f"GET {target} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items()), "", ""]).encode()


def exchange(port: int, request: bytes, *, tls: bool = False) -> bytes:
    """Send one request on a new connection, and return the whole response."""
    request = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
        connection = context.wrap_socket(plain) if tls else plain
        connection.sendall(request)
        response = bytearray()
        while received := connection.recv(65536):
            response += received
    return bytes(response)
