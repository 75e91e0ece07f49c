"""What the lab shows of a token: its parts, what was changed in them, and what each member means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from daypass.lab.playground.descriptions import Line, explain_claims, explain_header
from daypass.lab.playground.parsing import Part, PartName, Reading, read
from daypass.tokens.printable import printable

TITLES: dict[PartName, tuple[str, str]] = {
    "header": ("Header", "how it is signed"),
    "payload": ("Payload", "what it claims"),
    "signature": ("Signature", "what holds the two together"),
}
BLAME = {  # by the end of the message of a verdict
    "Signature has expired": "expired",
    "The token is not yet valid (nbf)": "not valid yet",
    "The token is not yet valid (iat)": "not valid yet",
}


@dataclass(frozen=True)
class Piece:
    """A run of characters that are all changed or all unchanged."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class ComparedLine:
    """A member of header or payload with its meaning; `was` is its value before the change, None if it is unchanged.

    `was` is empty for a new member, `value` for a removed one.
    """

    line: Line
    value: str
    was: str | None = None


@dataclass(frozen=True)
class ShownPart:
    """A part of a token as the page shows it."""

    part: Part
    pieces: tuple[Piece, ...]
    lines: tuple[ComparedLine, ...] = ()


@dataclass(frozen=True)
class ChangedCharacter:
    """The only character that differs: its number, from 1, and its old and new value."""

    place: int
    was: str
    now: str


def parts(token: str, original: str, now: datetime) -> tuple[ShownPart, ...]:
    """The parts of a token, compared with the original."""
    reading, before = read(token), read(original)
    raw = [part.raw for part in before.parts] + [""] * len(reading.parts)
    lines = _lines(reading, now), _lines(before, now)
    return tuple(
        ShownPart(part, pieces(part.raw, was), compared(lines[0].get(part.name, ()), lines[1].get(part.name, ())))
        for part, was in zip(reading.parts, raw, strict=False)
    )


def _lines(reading: Reading, now: datetime) -> dict[PartName, Sequence[Line]]:
    return {"header": explain_header(reading.header), "payload": explain_claims(reading.claims, now)}


def pieces(text: str, was: str) -> tuple[Piece, ...]:
    """Split the text into changed and unchanged pieces.

    Compares character by character if the length is the same; otherwise everything between the common start and the
    common end counts as changed.
    """
    if len(text) == len(was):
        return _runs(text, [a != b for a, b in zip(text, was, strict=True)])
    start = _in_common(text, was)
    end = len(text) - min(_in_common(text[::-1], was[::-1]), min(len(text), len(was)) - start)
    return _runs(text, [start <= place < end for place in range(len(text))])


def _runs(text: str, changed: Sequence[bool]) -> tuple[Piece, ...]:
    edges = [place for place in range(1, len(text)) if changed[place] != changed[place - 1]]
    cuts = [0, *edges, len(text)]
    return tuple(Piece(printable(text[a:b]), changed[a]) for a, b in pairwise(cuts) if a < b)


def _in_common(text: str, other: str) -> int:
    """The length of the common start."""
    return next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))


def compared(lines: Sequence[Line], before: Sequence[Line]) -> tuple[ComparedLine, ...]:
    """The current lines, each with its previous value, followed by the removed ones."""
    was, names = {line.name: line.value for line in before}, {line.name for line in lines}
    current = [
        ComparedLine(line, line.value, None if was.get(line.name) == line.value else was.get(line.name, ""))
        for line in lines
    ]
    removed = [ComparedLine(line, "", line.value) for line in before if line.name not in names]
    return (*current, *(removed if lines else ()))


def changed_character(token: str, original: str) -> ChangedCharacter | None:
    """The character that was changed, or None unless it is exactly one."""
    if len(token) != len(original):
        return None
    found = [ChangedCharacter(i, b, a) for i, (a, b) in enumerate(zip(token, original, strict=True), 1) if a != b]
    return found[0] if len(found) == 1 else None


def changed_parts(parts: Sequence[ShownPart]) -> frozenset[PartName]:
    """The parts whose text was changed."""
    return frozenset(one.part.name for one in parts if any(piece.changed for piece in one.pieces))


def marks(parts: Sequence[ShownPart], blame: PartName | None, message: str) -> dict[PartName, tuple[str, ...]]:
    """The words beside the name of each part: that it was changed, and what the verdict says about it."""
    changed = changed_parts(parts)
    found: dict[PartName, tuple[str, ...]] = {name: ("changed",) if name in changed else () for name in TITLES}
    if blame == "signature":
        found[blame] += ("no longer fits" if changed else "does not fit",)
    elif blame:
        found[blame] += (BLAME.get(message.partition(" --> ")[2], "not accepted"),)
    return found
