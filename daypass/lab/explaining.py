"""What the members of a header and the claims of a payload mean, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Line:
    """One member: its name and JSON text, both fit to be shown; what it means; and for a moment, the moment.

    `words` says how far away the moment is, "in 59 seconds" or "2 hours ago"; `moment` is None and `words` is empty
    for all that is no moment.
    """

    name: str
    value: str
    meaning: str
    moment: datetime | None = None
    words: str = ""


def explain_header(members: Mapping[str, Any]) -> list[Line]:
    """A line for each member of a header (RFC 7515 section 4.1), in their order."""
    raise NotImplementedError


def explain_claims(members: Mapping[str, Any], now: datetime) -> list[Line]:
    """A line for each claim: those of RFC 7519 section 4.1, and Daypass's own, in their order."""
    raise NotImplementedError


def distance(moment: datetime, now: datetime) -> str:
    """How far away a moment is: "now", "in 59 seconds", "2 hours ago"."""
    raise NotImplementedError
