"""Child processes, read from /proc (proc(5))."""

from pathlib import Path


def children(parent: int) -> list[int]:
    """The ids of a process's children, without zombies."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _parent(folder) == parent]


def descendants(ancestor: int) -> list[int]:
    """The ids of a process's children, of their children, and so on."""
    direct = children(ancestor)
    return direct + [process for child in direct for process in descendants(child)]


def _parent(folder: Path) -> int | None:
    """The parent's id; None if the process has ended."""
    try:
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in "ZX" else int(parent)
