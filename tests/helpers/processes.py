"""Processes of this machine, found through /proc (proc(5))."""

from pathlib import Path


def children(parent: int) -> list[int]:
    """The ids of the children of a process, those aside that have ended and wait to be collected."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _parent(folder) == parent]


def descendants(ancestor: int) -> list[int]:
    """The ids of the children of a process, of their children, and so on."""
    below = children(ancestor)
    return below + [process for child in below for process in descendants(child)]


def _parent(folder: Path) -> int | None:
    """The parent of a process; None for one that has ended."""
    try:
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in "ZX" else int(parent)
