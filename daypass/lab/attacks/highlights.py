"""Compare a forged token with the original: which characters to highlight, and what they say."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from daypass.lab.attacks.attack import Attack
from daypass.lab.attacks.forging import Target, read_part, to_json

NAMES = ("header", "payload", "signature")
MAX_BEFORE, MAX_MARKED, MAX_AFTER = 10, 26, 12  # characters
MAX_VALUE_LENGTH = 48  # characters


class Mark(StrEnum):
    """How a piece of a token is shown: unchanged, changed by the attacker, or genuine but revealing."""

    NONE = ""
    CHANGED = "changed"
    TELLING = "telling"


@dataclass(frozen=True)
class Piece:
    """Some characters of a part, and their mark."""

    text: str
    mark: Mark = Mark.NONE


@dataclass(frozen=True)
class Part:
    """One part of a forged token, shortened: its pieces, and notes on the members that differ."""

    name: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()

    @property
    def mark(self) -> Mark:
        """The mark of the marked piece, or NONE."""
        return next((piece.mark for piece in self.pieces if piece.mark), Mark.NONE)

    @property
    def removed(self) -> bool:
        """Whether the attacker removed this part."""
        return not any(piece.text for piece in self.pieces)


def parts(attack: Attack, target: Target) -> tuple[Part, ...]:
    """The first token that the attack forges, part by part; a JSON token is one part with the name `text`."""
    forged = (attack.forge(target) or [target.token])[0]
    texts = forged.split(".", 2)
    if forged.startswith("{"):
        return (_json_token(*texts),)
    mark = Mark.TELLING if attack.genuine else Mark.CHANGED
    header, payload, signature = zip(NAMES, texts, target.parts, strict=True)
    last = Part("signature", _start(texts[2])) if attack.genuine else _part(*signature, mark, attack.revealing_member)
    return (_part(*header, mark, attack.revealing_member), _part(*payload, mark, attack.revealing_member), last)


def _json_token(before: str, claims: str, after: str) -> Part:
    """A JSON text that looks like a compact token: the forged claims are between its two dots."""
    pieces = (f"{_shortened(before, MAX_BEFORE + MAX_AFTER)}.", claims, f".{_shortened(after, MAX_BEFORE + MAX_AFTER)}")
    return Part("text", (Piece(pieces[0]), Piece(_shortened(pieces[1], MAX_MARKED), Mark.CHANGED), Piece(pieces[2])))


def _part(name: str, text: str, before: str, mark: Mark, revealing: str | None) -> Part:
    now, was = _members(text), _members(before)
    if text == before and revealing not in now:
        return Part(name, _start(text))
    if now and was and (now != was or revealing in now):
        return _marked_part(name, text, now, was, mark, revealing)
    start = len(before) if text.startswith(before) else 0
    return Part(name, _excerpt(text, start, len(text), mark))


def _members(text: str) -> dict[str, Any]:
    """The members of a part; empty if it is not a JSON object."""
    try:
        found = read_part(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _marked_part(
    name: str, text: str, now: dict[str, Any], was: dict[str, Any], mark: Mark, revealing: str | None
) -> Part:
    """A part with one member marked, the revealing one or the first that differs, and a note on each that differs."""
    changed = [member for member in now if now[member] != was.get(member) or member == revealing]
    changed.sort(key=lambda member: member != revealing)
    whole, member = to_json(now), to_json({changed[0]: now[changed[0]]})[1:-1]
    start = whole.index(member)
    end = start + len(member)
    notes = tuple(_note(member, now, was) for member in changed)
    return Part(name, _excerpt(text, start * 4 // 3, -(-end * 4 // 3), mark), notes)


def _note(member: str, now: dict[str, Any], was: dict[str, Any]) -> str:
    note = f'"{member}": {_shortened(json.dumps(now[member], ensure_ascii=False), MAX_VALUE_LENGTH)}'
    return f"{note}, was {json.dumps(was[member])}" if was.get(member, now[member]) != now[member] else note


def _excerpt(text: str, start: int, end: int, mark: Mark) -> tuple[Piece, ...]:
    """The marked characters and a few around them."""
    before, after = text[:start], text[end:]
    head = f"…{before[-MAX_BEFORE:]}" if len(before) > MAX_BEFORE else before
    tail = f"{after[:MAX_AFTER]}…" if len(after) > MAX_AFTER else after
    return Piece(head), Piece(_shortened(text[start:end], MAX_MARKED), mark), Piece(tail)


def _start(text: str) -> tuple[Piece, ...]:
    return (Piece(_shortened(text, MAX_BEFORE + MAX_AFTER)),)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
