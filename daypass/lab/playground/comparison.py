"""Two tokens side by side: which members of header and payload differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daypass.lab.playground.descriptions import as_json
from daypass.lab.playground.parsing import PartName, read
from daypass.tokens.printable import printable


@dataclass(frozen=True)
class Row:
    """A member of both tokens; a value is empty where it is absent. Safe to display."""

    name: str
    this: str
    other: str

    @property
    def differs(self) -> bool:
        """Whether the two tokens have different values."""
        return self.this != self.other


@dataclass(frozen=True)
class Comparison:
    """The rows of header and payload, whether the signatures are the same, and what is wrong with the other token."""

    parts: dict[PartName, tuple[Row, ...]]
    same_signature: bool
    fault: str

    @property
    def differences(self) -> int:
        """The number of members that differ."""
        return sum(row.differs for rows in self.parts.values() for row in rows)


def compare(token: str, other: str) -> Comparison:
    """Compare two texts as tokens, as far as they can be read."""
    first, second = read(token), read(other)
    return Comparison(
        {"header": _rows(first.header, second.header), "payload": _rows(first.claims, second.claims)},
        token.rpartition(".")[2] == other.rpartition(".")[2],
        " ".join(second.faults),
    )


def _rows(this: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Row, ...]:
    """All members: those of the first token in its order, then those that only the second has."""
    return tuple(Row(printable(name), _value(this, name), _value(other, name)) for name in {**this, **other})


def _value(members: Mapping[str, Any], name: str) -> str:
    return as_json(members[name]) if name in members else ""
