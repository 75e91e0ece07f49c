"""The processes that answer, found through /proc, and their sudden end."""

import os
import signal

from tests.helpers.processes import children
from tests.helpers.server import Server


def workers(server: Server) -> list[int]:
    """The ids of the server's worker processes: the children of the one that was started."""
    assert server.process is not None
    return children(server.process.pid)


def kill(process_id: int) -> None:
    os.kill(process_id, signal.SIGKILL)
