"""The number of CPUs that this process may use."""

import math
import os
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def cpu_count(limit_file: Path = CGROUP_LIMIT) -> int:
    """CPUs in the process's affinity mask, capped by the limit of its control group (Linux cgroup v2, `cpu.max`)."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, _limit(limit_file) or available))


def _limit(file: Path) -> int | None:
    """The limit, rounded up, or None. The file holds CPU time and period, both in microseconds."""
    try:
        quota, period = file.read_text().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):
        return None
