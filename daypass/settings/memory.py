"""The memory that this process may use."""

import os
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
UNKNOWN = 1024**3  # bytes assumed where the system does not tell


def memory_bytes(limit_file: Path = CGROUP_LIMIT) -> int:
    """The machine's memory in bytes, capped by the limit of the control group (Linux cgroup v2, `memory.max`)."""
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        installed = UNKNOWN
    return min(installed, _limit(limit_file) or installed)


def _limit(file: Path) -> int | None:
    """The limit, or None."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
