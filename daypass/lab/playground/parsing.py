"""Any text -> the parts of a token, as far as it has some. Nothing is verified here, and nothing raises."""

from dataclasses import dataclass
from typing import Any, Literal

from daypass.lab.playground.request_memo import RequestMemo
from daypass.tokens.base64url import InvalidBase64url, decode_base64url
from daypass.tokens.printable import printable
from daypass.tokens.strict_json import InvalidJson, indented, parse_object

MAX_TEXT_LENGTH = 16_384  # characters
PartName = Literal["header", "payload", "signature"]
NAMES: tuple[PartName, ...] = ("header", "payload", "signature")
NUMBER_OF_PARTS = {
    1: "It has no dots. A token has three parts, with dots between them.",
    2: "It has two parts, and a token has three: header, payload, signature.",
    3: "",
    5: "It has five parts. An encrypted token has (JWE, RFC 7516); one that is signed has three.",
}


@dataclass(frozen=True)
class Part:
    """One part of a token.

    `raw` is the text as it stands there; `shown` is what it says: JSON with an indent, else the decoded text, and for
    the signature its bytes in hex. `fault` is a sentence on what is wrong with it, or empty. `members` is the JSON
    object, or None where it is no object that has one reading only. `raw` is as it came and may hold anything;
    `shown` and `fault` are fit to be shown.
    """

    name: PartName
    raw: str
    shown: str
    fault: str = ""
    members: dict[str, Any] | None = None


@dataclass(frozen=True)
class Reading:
    """A text taken apart into one to three parts, joined by dots: ".".join of what is `raw` gives the text again.

    `fault` is a sentence on the whole, or empty. Text longer than MAX_TEXT_LENGTH has no parts and only a fault.
    """

    parts: tuple[Part, ...]
    fault: str = ""

    @property
    def header(self) -> dict[str, Any]:
        """The header's members, as far as they can be read."""
        return self._members(0)

    @property
    def claims(self) -> dict[str, Any]:
        """The payload's members, as far as they can be read."""
        return self._members(1)

    @property
    def faults(self) -> tuple[str, ...]:
        """All that is wrong, each sentence with the name of its part before it."""
        of_parts = (f"{part.name.capitalize()}: {part.fault}" for part in self.parts if part.fault)
        return (*([self.fault] if self.fault else []), *of_parts)

    def _members(self, which: int) -> dict[str, Any]:
        return (self.parts[which].members or {}) if which < len(self.parts) else {}


_memo: RequestMemo[str, Reading] = RequestMemo("readings")
once = _memo.once


def read(text: str) -> Reading:
    """Take any text apart. What was pasted is best stripped of the white space around it first."""
    return _memo.get(text, lambda: _take_apart(text))


def _take_apart(text: str) -> Reading:
    if len(text) > MAX_TEXT_LENGTH:
        return Reading((), f"It is longer than {MAX_TEXT_LENGTH} characters, so it was not looked at.")
    number = text.count(".") + 1
    fault = NUMBER_OF_PARTS.get(number, f"It has {number} parts, and a token has three: header, payload, signature.")
    return Reading(tuple(_part(name, raw) for name, raw in zip(NAMES, text.split(".", 2), strict=False)), fault)


def _part(name: PartName, raw: str) -> Part:
    if not raw:
        return Part(name, raw, "", "It is empty.")
    try:
        decoded, fault = decode_base64url(raw.rstrip("=")), ""
        if raw.endswith("="):
            fault = "It is padded with “=”, which RFC 7515 leaves out."
    except InvalidBase64url as error:
        return Part(name, raw, "", printable(str(error)))
    if name == "signature":
        return Part(name, raw, decoded.hex(" "), fault)
    return _json_part(name, raw, decoded, fault)


def _json_part(name: PartName, raw: str, decoded: bytes, fault: str) -> Part:
    try:
        text = decoded.decode("utf-8")
        members = parse_object(text)
    except UnicodeDecodeError:
        return Part(name, raw, printable(decoded.decode("utf-8", "backslashreplace")), "It is not text in UTF-8.")
    except InvalidJson as error:
        return Part(name, raw, printable(text), printable(str(error)))
    return Part(name, raw, indented(text), fault, members)
