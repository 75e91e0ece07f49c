"""Connections to the worker processes of a server, found through /proc (proc(5))."""

import http.client
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.helpers.server import Server
from tests.helpers.tokens import bearer_header


def status_of(connection: http.client.HTTPConnection, method: str, path: str, token: str) -> int:
    """The status of one request on a kept-alive connection."""
    connection.request(method, path, headers=bearer_header(token))
    response = connection.getresponse()
    response.read()
    return response.status


def worker_of(connection: http.client.HTTPConnection, server: Server) -> int:
    """The process that holds the server's end of a connection, by the socket's inode."""
    ends = f":{server.port:04X}", f":{connection.sock.getsockname()[1]:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    rows = (row for row in rows if row[3] == "01")  # established: a closed one may have had the same ports
    # a set, since the kernel may show a row twice when connections come and go while the file is read
    (inode,) = {row[9] for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])}
    for process_id in filter(str.isdigit, os.listdir("/proc")):
        if has_open(process_id, f"socket:[{inode}]"):
            return int(process_id)
    raise LookupError("nobody holds the connection")


def has_open(process_id: str, target: str) -> bool:
    """Whether a process has a file descriptor for this target."""
    folder = Path("/proc", process_id, "fd")
    try:
        return any(os.readlink(link) == target for link in folder.iterdir())
    except OSError:
        return False


@contextmanager
def connections_to_both_workers(server: Server) -> Iterator[list[http.client.HTTPConnection]]:
    """One kept-alive connection to each of the two workers of a server."""
    found: dict[int, http.client.HTTPConnection] = {}
    with ExitStack() as stack:
        while len(found) < 2:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            stack.callback(connection.close)
            status_of(connection, "GET", "/healthz", "")
            found.setdefault(worker_of(connection, server), connection)
        yield list(found.values())
