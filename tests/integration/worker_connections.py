"""Persistent connections to each worker of a server."""

import http.client
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.helpers.server import Server
from tests.helpers.tokens import bearer_header


def status(connection: http.client.HTTPConnection, method: str, path: str, token: str) -> int:
    connection.request(method, path, headers=bearer_header(token))
    response = connection.getresponse()
    response.read()
    return response.status


def worker_of(connection: http.client.HTTPConnection, server: Server) -> int:
    """The process at the server's end, by the socket's inode (proc(5))."""
    ends = f":{server.port:04X}", f":{connection.sock.getsockname()[1]:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    rows = (row for row in rows if row[3] == "01")  # established; a closed connection may have had the same ports
    # a set, since the kernel may list a row twice while connections open and close
    (inode,) = {row[9] for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])}
    for process_id in filter(str.isdigit, os.listdir("/proc")):
        if has_open(process_id, f"socket:[{inode}]"):
            return int(process_id)
    raise LookupError("no process has this connection open")


def has_open(process_id: str, target: str) -> bool:
    folder = Path("/proc", process_id, "fd")
    try:
        return any(os.readlink(link) == target for link in folder.iterdir())
    except OSError:
        return False


@contextmanager
def both_workers(server: Server) -> Iterator[list[http.client.HTTPConnection]]:
    """A persistent connection to each of the two workers."""
    connections: dict[int, http.client.HTTPConnection] = {}
    with ExitStack() as stack:
        while len(connections) < 2:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            stack.callback(connection.close)
            status(connection, "GET", "/healthz", "")
            connections.setdefault(worker_of(connection, server), connection)
        yield list(connections.values())
