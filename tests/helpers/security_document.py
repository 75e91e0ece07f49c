"""SECURITY.md: its sections, the numbered rows of its tables, and the tests that it names."""

import re

from tests.helpers.project import ROOT

SECURITY = (ROOT / "SECURITY.md").read_text()


def section(heading: str) -> str:
    """The text of a section, up to the next heading."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)^## ", SECURITY, re.DOTALL | re.MULTILINE)
    assert found, f"SECURITY.md has no section {heading!r}"
    return found[1]


def numbered_rows(heading: str) -> list[tuple[str, str]]:
    """The number of each row in the tables of a section, such as `6.2.3`, `5` or `C3`, with the row's last cell."""
    rows = [line.strip("| ").split(" | ") for line in section(heading).splitlines() if re.match(r"\| [A-Z]?\d", line)]
    return [(number, cells[-1]) for cells in rows for number in _numbers(cells[0])]


def named_tests(text: str) -> set[str]:
    """Every `path::name` in a text. A test in a class is named without the class."""
    return set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", text))


def _numbers(cell: str) -> list[str]:
    """The numbers in a first cell: single ones, and ranges with an en dash."""
    ranges = [part.split("\N{EN DASH}") for part in cell.split(", ")]
    return [number for ends in ranges for number in _spread(ends[0], ends[-1])]


def _spread(first: str, last: str) -> list[str]:
    return [first] if first == last else [str(number) for number in range(int(first), int(last) + 1)]
