"""No row of the table of attacks on tokens goes without a test here, and SECURITY.md names each of them."""

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tests.helpers.project import ROOT
from tests.security.catalogue import ROWS
from tests.security.test_forgeries import test_no_forgery_is_accepted as forgeries

ALL = range(1, 72)
HERE = Path(__file__).parent
SECURITY = (ROOT / "SECURITY.md").read_text()


def marked() -> dict[int, list[str]]:
    """The tests that are marked with `row`, by number, as SECURITY.md writes them."""
    found: dict[int, list[str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(f"tests.security.{path.stem}")
        for name, numbers in in_module(module):
            for number in numbers:
                found.setdefault(number, []).append(f"`tests/security/{path.name}::{name}`")
    return found


def in_module(module: ModuleType) -> Iterator[tuple[str, list[int]]]:
    """Each test that the module defines, and the rows that it is marked with, by itself or with its module."""
    shared = getattr(module, "pytestmark", [])
    for name, test in vars(module).items():
        if name.startswith("test_") and test.__module__ == module.__name__:
            marks = [*(shared if isinstance(shared, list) else [shared]), *getattr(test, "pytestmark", [])]
            yield name, [number for mark in marks if mark.name == "row" for number in mark.args]


def documented() -> dict[int, str]:
    """What SECURITY.md says each row is held by."""
    section = SECURITY.partition("\n## Attacks on tokens\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if re.match(r"\| \d", line)]
    pairs = [(number, held) for rows, _, held in lines for number in numbers_in(rows)]
    assert [number for number, times in Counter(number for number, _ in pairs).items() if times > 1] == []
    return dict(pairs)


def numbers_in(rows: str) -> list[int]:
    """The numbers of a first column: single ones, and from one to another with a dash."""
    ends = [[int(end) for end in part.split("\N{EN DASH}")] for part in rows.split(", ")]
    return [number for some in ends for number in range(some[0], some[-1] + 1)]


def test_every_row_is_a_file_of_forgeries_or_marks_a_test() -> None:
    forged = {row.number for row in ROWS}
    assert sorted(forged | set(marked())) == list(ALL)
    assert not forged & set(marked())
    assert forgeries.__name__ == "test_no_forgery_is_accepted"


def test_security_names_every_row_and_every_test_that_is_marked_with_it() -> None:
    held_by = documented()
    assert sorted(held_by) == list(ALL)
    assert [row.number for row in ROWS if not re.match(r"F\b", held_by[row.number])] == []
    for number, tests in marked().items():
        named = re.findall(r"`tests/security/[^`]+`", held_by[number])
        assert set(tests) <= set(named), number
        assert set(tests) == set(named) or held_by[number].startswith("F;"), number
