"""The rows of SECURITY.md that have a number, with the tests that each of them names."""

import re

from tests.helpers.project import ROOT

SECTIONS = {  # of SECURITY.md, with the word that stands before the numbers of its rows in this folder
    "Requirements": "",
    "Attacks on tokens": "token ",
    "Attacks around the token": "",
    "Attacks on a gate behind a proxy": "proxy ",
}


def rows() -> dict[str, set[str]]:
    """The tests by row: `6.2.3` of ASVS, `token 5`, `proxy 12`, and `C3`, `H4` and the like."""
    text = (ROOT / "SECURITY.md").read_text()
    found: dict[str, set[str]] = {}
    for section, word in SECTIONS.items():
        lines = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0].splitlines()
        abbreviations = {"F": named_tests(next((line for line in lines if "“F” is" in line), ""))}
        for cell, proof in (row_of(line) for line in lines if re.match(r"\| [A-Z]?\d", line)):
            tests = named_tests(proof) | abbreviations.get(proof.partition(";")[0].strip(), set())
            for number in numbers(cell):
                found.setdefault(word + number, set()).update(tests)
    return found


def row_of(line: str) -> tuple[str, str]:
    """The first and the last cell of a row."""
    cells = line.strip("| ").split(" | ")
    return cells[0], cells[-1]


def named_tests(text: str) -> set[str]:
    return set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", text))


def numbers(cell: str) -> list[str]:
    """The numbers in a first cell: single ones, and ranges with an en dash."""
    ranges = [part.split("\N{EN DASH}") for part in cell.split(", ")]
    return [number for ends in ranges for number in spread(ends[0], ends[-1])]


def spread(first: str, last: str) -> list[str]:
    return [first] if first == last else [str(number) for number in range(int(first), int(last) + 1)]
