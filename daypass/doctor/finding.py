"""The result of a check."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What a check found, and the remedy, each as a sentence.

    is_problem: whether something does not work or is unsafe; otherwise the finding is a note, and may be intended.
    """

    message: str
    remedy: str
    is_problem: bool = True


Findings = Iterator[Finding]


def join_names(names: list[str]) -> str:
    """Join names for a sentence: `a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
