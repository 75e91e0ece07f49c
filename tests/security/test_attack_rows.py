"""SECURITY.md's table of attacks on tokens against the code.

The table lists each row once. In the code a row is entered once too: by `@row` in forgeries/, or by the marker `row` on
its tests.
"""

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tests.helpers.security_document import numbered_rows
from tests.security.catalogue import ROWS

FOLDER = Path(__file__).parent


def marked_tests() -> dict[int, list[str]]:
    """The tests marked with each row, in the notation of SECURITY.md."""
    tests: dict[int, list[str]] = {}
    for path in sorted(FOLDER.glob("test_*.py")):
        module = importlib.import_module(f"tests.security.{path.stem}")
        for name, numbers in marks_in(module):
            for number in numbers:
                tests.setdefault(number, []).append(f"`tests/security/{path.name}::{name}`")
    return tests


def marks_in(module: ModuleType) -> Iterator[tuple[str, list[int]]]:
    """Each test defined in the module, with the rows that mark it."""
    of_module = getattr(module, "pytestmark", [])
    for name, test in vars(module).items():
        if name.startswith("test_") and test.__module__ == module.__name__:
            marks = [
                *(of_module if isinstance(of_module, list) else [of_module]),
                *getattr(test, "pytestmark", []),
            ]
            yield name, [number for mark in marks if mark.name == "row" for number in mark.args]


def table() -> list[tuple[int, str]]:
    """The row numbers of SECURITY.md's table, with the column of tests."""
    return [(int(number), tests) for number, tests in numbered_rows("Attacks on tokens")]


def test_every_row_has_either_forgeries_or_marked_tests() -> None:
    forged = Counter(row.number for row in ROWS)
    assert [number for number, times in forged.items() if times > 1] == []
    assert sorted([*forged, *marked_tests()]) == sorted(number for number, _ in table())


def test_security_names_every_row_and_every_test_that_is_marked_with_it() -> None:
    documented = dict(table())
    assert sorted(number for number, _ in table()) == list(range(1, len(documented) + 1))
    assert [row.number for row in ROWS if not re.match(r"F\b", documented[row.number])] == []
    for number, tests in marked_tests().items():
        named = re.findall(r"`tests/security/[^`]+`", documented[number])
        assert set(tests) <= set(named), number
        assert set(tests) == set(named) or documented[number].startswith("F;"), number
