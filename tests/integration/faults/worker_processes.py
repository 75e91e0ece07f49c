"""The server's worker processes, found through /proc, and how to kill them."""

import os
import signal

from tests.helpers.processes import children
from tests.helpers.server import Server


def workers(server: Server) -> list[int]:
    """The ids of the server's worker processes: the children of its main process."""
    assert server.process is not None
    return children(server.process.pid)


def kill(process_id: int) -> None:
    os.kill(process_id, signal.SIGKILL)
