"""A forged token beside the untouched one: which letters of it are other, and what they say."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from daypass.lab.attacks.attack import Attack
from daypass.lab.attacks.forging import Target, read_part, to_json

NAMES = ("header", "payload", "signature")
BEFORE, MARKED, AFTER = 10, 26, 12  # letters shown of what may be long
MAX_VALUE_LENGTH = 48  # letters


class Mark(StrEnum):
    """How a piece of a token is shown: changed by the attacker, or true and still what gives it away."""

    NONE = ""
    CHANGED = "changed"
    TELLING = "telling"


@dataclass(frozen=True)
class Piece:
    """Some letters of a part, and how they are marked."""

    text: str
    mark: Mark = Mark.NONE


@dataclass(frozen=True)
class Part:
    """One part of a forged token, cut to what matters: its pieces, and in words what is other."""

    name: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()

    @property
    def mark(self) -> Mark:
        """The mark of its marked piece, if there is one."""
        return next((piece.mark for piece in self.pieces if piece.mark), Mark.NONE)

    @property
    def removed(self) -> bool:
        """Whether nothing is left of it."""
        return not any(piece.text for piece in self.pieces)


def parts(attack: Attack, target: Target) -> tuple[Part, ...]:
    """The first token that the attack makes of this target, part by part; one that is no such token as one text."""
    forged = (attack.forge(target) or [target.token])[0]
    texts = forged.split(".", 2)
    if forged.startswith("{"):
        return (_text(*texts),)
    mark = Mark.TELLING if attack.genuine else Mark.CHANGED
    header, payload, signature = zip(NAMES, texts, target.parts, strict=True)
    last = Part("signature", _start(texts[2])) if attack.genuine else _part(*signature, mark, attack.tells)
    return (_part(*header, mark, attack.tells), _part(*payload, mark, attack.tells), last)


def _text(before: str, claims: str, after: str) -> Part:
    """A text whose dots are a disguise: what stands between them is the forgery."""
    pieces = (f"{_shortened(before, BEFORE + AFTER)}.", claims, f".{_shortened(after, BEFORE + AFTER)}")
    return Part("text", (Piece(pieces[0]), Piece(_shortened(pieces[1], MARKED), Mark.CHANGED), Piece(pieces[2])))


def _part(name: str, text: str, before: str, mark: Mark, tells: str | None) -> Part:
    now, was = _members(text), _members(before)
    if text == before and tells not in now:
        return Part(name, _start(text))
    if now and was and (now != was or tells in now):
        return _noted(name, text, now, was, mark, tells)
    start = len(before) if text.startswith(before) else 0
    return Part(name, _cut(text, start, len(text), mark))


def _members(text: str) -> dict[str, Any]:
    """The members of a part; none where it is no JSON object."""
    try:
        found = read_part(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _noted(name: str, text: str, now: dict[str, Any], was: dict[str, Any], mark: Mark, tells: str | None) -> Part:
    """A part of which one member is marked where its letters stand: the telling one, or the first that is other."""
    others = [member for member in now if now[member] != was.get(member) or member == tells]
    others.sort(key=lambda member: member != tells)
    whole, member = to_json(now), to_json({others[0]: now[others[0]]})[1:-1]
    start = whole.index(member)
    end = start + len(member)
    notes = tuple(_told(member, now, was) for member in others)
    return Part(name, _cut(text, start * 4 // 3, -(-end * 4 // 3), mark), notes)


def _told(member: str, now: dict[str, Any], was: dict[str, Any]) -> str:
    told = f'"{member}": {_shortened(json.dumps(now[member], ensure_ascii=False), MAX_VALUE_LENGTH)}'
    return f"{told}, was {json.dumps(was[member])}" if was.get(member, now[member]) != now[member] else told


def _cut(text: str, start: int, end: int, mark: Mark) -> tuple[Piece, ...]:
    """The marked letters and a few around them."""
    before, after = text[:start], text[end:]
    head = f"…{before[-BEFORE:]}" if len(before) > BEFORE else before
    tail = f"{after[:AFTER]}…" if len(after) > AFTER else after
    return Piece(head), Piece(_shortened(text[start:end], MARKED), mark), Piece(tail)


def _start(text: str) -> tuple[Piece, ...]:
    return (Piece(_shortened(text, BEFORE + AFTER)),)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
