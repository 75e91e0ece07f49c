"""What the lab's page shows of a token: its parts, what was changed in them, and what each member means."""

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
REASONS = {
    "Signature verification failed": "The signature was made for another text, or with another key.",
    "Signature has expired": "The signature fits. The moment in exp is past.",
    "The token is not yet valid (nbf)": "The signature fits. The moment in nbf is still to come.",
    "The token is not yet valid (iat)": "The signature fits. It says that it was issued in the future.",
}
FITS = "The signature fits this text and this key, and its time has not run out."


@dataclass(frozen=True)
class Piece:
    """A run of characters, all changed or none."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class Told:
    """A member of header or payload and what it means; `was` is its value before the change, None where that is now.

    One that is new was empty, one that was taken away is empty now.
    """

    line: Line
    value: str
    was: str | None = None


@dataclass(frozen=True)
class Shown:
    """A part of a token."""

    part: Part
    pieces: tuple[Piece, ...]
    lines: tuple[Told, ...] = ()


@dataclass(frozen=True)
class Swap:
    """The one character that is another one: which (from 1), and what it was and is."""

    place: int
    was: str
    now: str


def parts(token: str, original: str, now: datetime) -> tuple[Shown, ...]:
    """The parts of a token, with what is different from the original."""
    reading, before = read(token), read(original)
    raw = [part.raw for part in before.parts] + [""] * len(reading.parts)
    lines = _lines(reading, now), _lines(before, now)
    return tuple(
        Shown(part, pieces(part.raw, was), compared(lines[0].get(part.name, ()), lines[1].get(part.name, ())))
        for part, was in zip(reading.parts, raw, strict=False)
    )


def _lines(reading: Reading, now: datetime) -> dict[PartName, Sequence[Line]]:
    return {"header": explain_header(reading.header), "payload": explain_claims(reading.claims, now)}


def pieces(text: str, was: str) -> tuple[Piece, ...]:
    """The text cut where it begins or ceases to differ: by character if as long as before, else around the middle."""
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
    """How many characters both begin with."""
    return next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))


def compared(lines: Sequence[Line], before: Sequence[Line]) -> tuple[Told, ...]:
    """The lines as they are, each with what it was; then those that were taken away."""
    was, names = {line.name: line.value for line in before}, {line.name for line in lines}
    told = [
        Told(line, line.value, None if was.get(line.name) == line.value else was.get(line.name, "")) for line in lines
    ]
    gone = [Told(line, "", line.value) for line in before if line.name not in names]
    return (*told, *(gone if lines else ()))


def swap(token: str, original: str) -> Swap | None:
    """The one character that was changed, if it was one."""
    if len(token) != len(original):
        return None
    found = [Swap(i, b, a) for i, (a, b) in enumerate(zip(token, original, strict=True), 1) if a != b]
    return found[0] if len(found) == 1 else None


def reason(message: str, valid: bool) -> str:
    """What a verdict means, in a sentence; empty where it says so itself."""
    return FITS if valid else REASONS.get(message.partition(" --> ")[2], "")
