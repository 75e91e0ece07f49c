"""Split any text into the parts of a token, as far as possible. Verifies nothing and raises nothing."""

from dataclasses import dataclass
from typing import Any, Literal

from daypass.lab.playground.request_memo import RequestMemo
from daypass.tokens.base64url import InvalidBase64url, decode_base64url
from daypass.tokens.printable import printable
from daypass.tokens.strict_json import InvalidJson, indented, parse_object

MAX_TEXT_LENGTH = 16_384  # characters
PartName = Literal["header", "payload", "signature"]
NAMES: tuple[PartName, ...] = ("header", "payload", "signature")
FAULTS_BY_PART_COUNT = {
    1: "It has no dots. A token has three parts, separated by dots.",
    2: "It has two parts, but a token has three: header, payload, signature.",
    3: "",
    5: "It has five parts, like an encrypted token (JWE, RFC 7516). A signed token has three.",
}


@dataclass(frozen=True)
class Part:
    """One part of a token.

    `raw` is the encoded text, which may contain anything. `shown` is the decoded content: indented JSON, other text, or
    the bytes of the signature in hex. `fault` is a sentence that says what is wrong, or empty. `members` is the JSON
    object, or None if the content is not an unambiguous JSON object. `shown` and `fault` are safe to display.
    """

    name: PartName
    raw: str
    shown: str
    fault: str = ""
    members: dict[str, Any] | None = None


@dataclass(frozen=True)
class Reading:
    """A text split at its first two dots. Joining the `raw` of the parts with dots gives the text again.

    `fault` is a sentence about the whole, or empty. Text longer than MAX_TEXT_LENGTH has a fault and no parts.
    """

    parts: tuple[Part, ...]
    fault: str = ""

    @property
    def header(self) -> dict[str, Any]:
        """The members of the header; empty if it cannot be read."""
        return self._members(0)

    @property
    def claims(self) -> dict[str, Any]:
        """The claims; empty if the payload cannot be read."""
        return self._members(1)

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that is wrong, each sentence preceded by the name of its part."""
        of_parts = (f"{part.name.capitalize()}: {part.fault}" for part in self.parts if part.fault)
        return (*([self.fault] if self.fault else []), *of_parts)

    def _members(self, which: int) -> dict[str, Any]:
        return (self.parts[which].members or {}) if which < len(self.parts) else {}


_memo: RequestMemo[str, Reading] = RequestMemo("readings")
once = _memo.once


def read(text: str) -> Reading:
    """Split any text into parts. Callers should strip white space around pasted text."""
    return _memo.get(text, lambda: _split(text))


def _split(text: str) -> Reading:
    if len(text) > MAX_TEXT_LENGTH:
        return Reading((), f"It is longer than {MAX_TEXT_LENGTH} characters, so it was not read.")
    number = text.count(".") + 1
    fault = FAULTS_BY_PART_COUNT.get(
        number, f"It has {number} parts, but a token has three: header, payload, signature."
    )
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
        return Part(name, raw, printable(decoded.decode("utf-8", "backslashreplace")), "It is not UTF-8 text.")
    except InvalidJson as error:
        return Part(name, raw, printable(text), printable(str(error)))
    return Part(name, raw, indented(text), fault, members)
