"""JSON that has one reading only (RFC 8259, RFC 7515 section 4): bounded, no name twice, no NaN; and its display."""

import json
import math
import re
from typing import Any, NoReturn

from daypass.tokens.printable import printable

MAX_DEPTH = 32  # levels; PyJWT itself gives up at about a thousand
PIECES = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},:]|[^\s"\[\]{},:]+', re.DOTALL)
OPENING, CLOSING = ("{", "["), ("}", "]")


class InvalidJson(ValueError):
    """The text is no such JSON; the argument is a sentence that says why, not yet fit to be shown."""


def parse_object(text: str) -> dict[str, Any]:
    """The object that the text is. Raises InvalidJson. The work grows no faster than the text."""
    document = parse(text)
    if not isinstance(document, dict):
        raise InvalidJson(f"It is {_kind(document)}, and must be a JSON object: names and values in braces.")
    return document


def parse(text: str) -> Any:
    """Whatever JSON value the text is. Raises InvalidJson."""
    if _depth(text) > MAX_DEPTH:
        raise InvalidJson(f"It is nested deeper than {MAX_DEPTH} levels.")
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise InvalidJson(f"It is not JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None
    except InvalidJson:
        raise
    except ValueError:  # Python's limit on the digits of a whole number
        raise InvalidJson("A number has too many digits.") from None


def compact(document: Any) -> str:
    """JSON without white space, in ASCII, as PyJWT writes it."""
    return json.dumps(document, separators=(",", ":"))


def indented(text: str) -> str:
    """JSON that `parse` takes, with an indent and otherwise as it was written: names, numbers, order and escapes."""
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
            raise InvalidJson(f"The name “{name:.40}” stands twice, and readers differ on which one counts.")
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
            return "a text"
    return "a list"
