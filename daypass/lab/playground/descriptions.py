"""Explanations of the header members and claims of a token."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from daypass.keys.algorithms import ALGORITHM_MEANINGS, Algorithm, is_shared
from daypass.tokens.claims import CLAIM_MEANINGS, TIME_CLAIMS
from daypass.tokens.printable import printable

HEADER_MEANINGS = {
    "typ": "The type of the token",
    "kid": "The ID of the key that signed the token. The verifier looks it up among its own keys",
    "cty": "The type of the content. JWT means that the token contains another token",
    "crit": "Header members that the verifier must understand, or else reject the token",
    "b64": "Whether the payload is encoded in base64url (RFC 7797)",
    "jwk": "A key inside the token. A verifier that uses it trusts anyone",
    "jku": "A URL of keys. A verifier that downloads them from there trusts anyone",
    "x5u": "A URL of a certificate. A verifier that downloads it from there trusts anyone",
    "x5c": "A certificate inside the token. A verifier that uses it unchecked trusts anyone",
    "x5t": "The SHA-1 fingerprint of a certificate",
    "x5t#S256": "The SHA-256 fingerprint of a certificate",
    "enc": "The encryption of the content. It has no meaning in a token that is only signed",
    "zip": "The compression of the content. It has no meaning in a token that is only signed",
}
MEANINGS = {
    **CLAIM_MEANINGS,
    "nbf": "When the token becomes valid",
    "jti": "A unique ID of the token",
}
TIMES = {*TIME_CLAIMS, "nbf"}
UNITS = (("year", 31_557_600), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))  # in seconds


@dataclass(frozen=True)
class Line:
    """One member: its name, its value as JSON, and its meaning. Name and value are safe to display.

    For a time claim, `moment` is its time, and `words` the distance from now, such as "in 59 seconds" or "2 hours ago".
    For anything else, `moment` is None and `words` is empty.
    """

    name: str
    value: str
    meaning: str
    moment: datetime | None = None
    words: str = ""


def explain_header(members: Mapping[str, Any]) -> list[Line]:
    """A line for each member of a header (RFC 7515 section 4.1), in the same order."""
    return [Line(printable(name), as_json(value), _header_meaning(name, value)) for name, value in members.items()]


def explain_claims(members: Mapping[str, Any], now: datetime) -> list[Line]:
    """A line for each claim of RFC 7519 section 4.1, of Daypass, or any other, in the same order."""
    return [_claim(name, value, now) for name, value in members.items()]


def distance(moment: datetime, now: datetime) -> str:
    """The distance to a time, in the largest unit that fits: "now", "in 59 seconds", "2 hours ago"."""
    seconds = int(moment.timestamp()) - int(now.timestamp())
    for unit, length in UNITS:
        count = abs(seconds) // length
        if count:
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "now"


def _claim(name: str, value: Any, now: datetime) -> Line:
    meaning = MEANINGS.get(name, "A private claim. Its meaning is defined by the issuer")
    if name not in TIMES:
        return Line(printable(name), as_json(value), meaning)
    moment = moment_of(value)
    if moment is None:
        return Line(
            name,
            as_json(value),
            f"{meaning}, but this value is not a number of seconds since 1970",
        )
    return Line(name, as_json(value), meaning, moment, distance(moment, now))


def moment_of(value: Any) -> datetime | None:
    """The time of a NumericDate (RFC 7519 section 2); None if it is not a number, or beyond the calendar."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _header_meaning(name: str, value: Any) -> str:
    if name == "alg":
        return _algorithm_meaning(value)
    if name == "typ" and value == "JWT":
        return "A JSON Web Token"
    return HEADER_MEANINGS.get(name, "A private header member, defined by the issuer")


def _algorithm_meaning(value: Any) -> str:
    if isinstance(value, str) and value in set(Algorithm):
        algorithm = Algorithm(value)
        shared = ": the same secret signs and verifies" if is_shared(algorithm) else ""
        return ALGORITHM_MEANINGS[algorithm] + shared
    if isinstance(value, str) and value.casefold().strip() == "none":
        return "Not signed: anyone could have written this token"
    return "Not an algorithm that the lab knows"


def as_json(value: Any) -> str:
    """A value as JSON, safe to display."""
    return printable(json.dumps(value, ensure_ascii=False))
