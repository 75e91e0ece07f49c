"""Strict JSON: bounded, without duplicate names or NaN (RFC 8259, RFC 7515 section 4)."""

import json
import math
import re
from typing import Any, NoReturn

from daypass.tokens.printable import printable

MAX_DEPTH = 32  # levels; Python's own parser fails at about a thousand
PIECES = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},:]|[^\s"\[\]{},:]+', re.DOTALL)
OPENING, CLOSING = ("{", "["), ("}", "]")


class InvalidJson(ValueError):
    """The text is not strict JSON. The argument is a sentence that says why; escape it before you show it."""


def parse_object(text: str) -> dict[str, Any]:
    """Parse a JSON object, in linear time. Raises InvalidJson."""
    document = parse(text)
    if not isinstance(document, dict):
        raise InvalidJson(f"It must be a JSON object, with names and values in braces, but it is {_kind(document)}.")
    return document


def parse(text: str) -> Any:
    """Parse any JSON value. Raises InvalidJson."""
    if _depth(text) > MAX_DEPTH:
        raise InvalidJson(f"It is nested deeper than {MAX_DEPTH} levels.")
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise InvalidJson(f"It is not JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None
    except InvalidJson:
        raise
    except ValueError:  # Python limits the digits of an integer
        raise InvalidJson("A number has too many digits.") from None


def compact(document: Any) -> str:
    """JSON without white space, in ASCII, as PyJWT writes it."""
    return json.dumps(document, separators=(",", ":"))


def indented(text: str) -> str:
    """Indent JSON that `parse` accepts, without changing its names, numbers, order or escapes."""
    lines: list[str] = []
    depth, before = 0, ""
    for piece in PIECES.findall(text):
        depth += (before in OPENING) - (piece in CLOSING)
        if _starts_a_line(before, piece):
            lines.append("\n" + "  " * depth)
        lines.append(": " if piece == ":" else piece)
        before = piece
    return "\n".join(printable(line) for line in "".join(lines).split("\n"))


def _starts_a_line(before: str, piece: str) -> bool:
    if before in OPENING:
        return piece not in CLOSING
    return before == "," or piece in CLOSING


def _depth(text: str) -> int:
    deepest = depth = 0
    for piece in PIECES.findall(text):
        depth += (piece in OPENING) - (piece in CLOSING)
        deepest = max(deepest, depth)
    return deepest


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise InvalidJson(f"The name “{name:.40}” occurs twice, and parsers differ on which one they use.")
        members[name] = value
    return members


def _no_constant(constant: str) -> NoReturn:
    raise InvalidJson(f"{constant} is not a JSON number.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise InvalidJson(f"The number {text:.40} is too large.")
    return number


def _kind(document: Any) -> str:
    match document:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
    return "a list"
