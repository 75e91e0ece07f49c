"""Any text -> the parts of a token, as far as it has some. Nothing is verified here, and nothing raises."""

from dataclasses import dataclass
from typing import Any, Literal

LONGEST = 16_384  # characters
PartName = Literal["header", "payload", "signature"]
NAMES: tuple[PartName, ...] = ("header", "payload", "signature")


@dataclass(frozen=True)
class Part:
    """One part of a token.

    `raw` is the text as it stands there; `shown` is what it says: JSON with an indent, else the decoded text as it
    is, and for the signature its bytes in hex. `fault` is a sentence on what is wrong with it, or empty.
    `members` is the JSON object, or None where it is no object that has one reading only.
    """

    name: PartName
    raw: str
    shown: str
    fault: str = ""
    members: dict[str, Any] | None = None


@dataclass(frozen=True)
class Reading:
    """A text taken apart into one to three parts, joined by dots: ".".join of what is `raw` gives the text again.

    `fault` is a sentence on the whole, or empty. Text longer than LONGEST has no parts and only a fault.
    """

    parts: tuple[Part, ...]
    fault: str = ""

    @property
    def header(self) -> dict[str, Any]:
        """The header's members, as far as they can be read."""
        raise NotImplementedError

    @property
    def claims(self) -> dict[str, Any]:
        """The payload's members, as far as they can be read."""
        raise NotImplementedError


def read(text: str) -> Reading:
    """Take any text apart. What was pasted is best stripped of the white space around it first."""
    raise NotImplementedError
