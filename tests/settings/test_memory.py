"""The memory that the process may use."""

import os
from pathlib import Path

import pytest

from daypass.settings.memory import memory_bytes

INSTALLED = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("limit", "found"),
    [("1048576\n", 1024**2), ("max\n", INSTALLED), (f"{2 * INSTALLED}\n", INSTALLED), ("nonsense", INSTALLED)],
)
def test_a_limit_of_the_control_group_counts(tmp_path: Path, limit: str, found: int) -> None:
    file = tmp_path / "memory.max"
    file.write_text(limit)
    assert memory_bytes(file) == found


def test_without_control_groups_it_is_that_of_the_machine(tmp_path: Path) -> None:
    assert memory_bytes(tmp_path / "memory.max") == INSTALLED
