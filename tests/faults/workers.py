"""The processes that answer, found through /proc, and their sudden end."""

import os
import signal
from pathlib import Path

from tests.server import Server


def workers(server: Server) -> list[int]:
    """The ids of the server's worker processes: the children of the one that was started."""
    assert server.process is not None
    return children(server.process.pid)


def children(parent: int) -> list[int]:
    """The ids of the children of a process, those aside that have ended and wait to be buried."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _parent(folder) == parent]


def _parent(folder: Path) -> int | None:
    """The parent of a process (proc(5)); None for one that has ended."""
    try:
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in "ZX" else int(parent)


def kill(process_id: int) -> None:
    os.kill(process_id, signal.SIGKILL)
