"""The number of workers follows the CPUs that the process may use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from daypass.settings.cpu_count import cpu_count

AVAILABLE = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        ("100000 100000\n", 1),
        ("50000 100000\n", 1),
        ("150000 100000\n", min(2, AVAILABLE)),
        ("max 100000\n", AVAILABLE),
        ("6400000 100000\n", AVAILABLE),
        ("nonsense", AVAILABLE),
    ],
)
def test_a_limit_of_the_control_group_counts(tmp_path: Path, limit: str, found: int) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(limit)
    assert cpu_count(file) == found


def test_without_control_groups_the_affinity_counts(tmp_path: Path) -> None:
    assert cpu_count(tmp_path / "cpu.max") == AVAILABLE


def test_the_default_number_of_workers_follows_the_affinity() -> None:
    program = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
        "from daypass.settings.definitions import Settings; print(Settings().workers)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "1\n"
