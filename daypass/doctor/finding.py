"""What a check finds."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One sentence about what is found, and one about what mends it.

    wrong: it does not work, or is not safe. Else it is worth knowing, and may be meant.
    """

    told: str
    mend: str
    wrong: bool = True


Findings = Iterator[Finding]


def listed(names: list[str]) -> str:
    """Names in a sentence: `a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
