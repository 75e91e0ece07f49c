"""How many CPUs this process may use."""

import math
import os
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def cpu_count(limit_file: Path = CGROUP_LIMIT) -> int:
    """The CPUs of this process's affinity, or fewer if its control group has a limit (Linux cgroup v2, `cpu.max`)."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, _limit(limit_file) or available))


def _limit(file: Path) -> int | None:
    """The limit, rounded up; None if there is none. The file holds microseconds of CPU time per period of time."""
    try:
        quota, period = file.read_text().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):
        return None
