"""What the members of a header and the claims of a payload mean, in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from daypass.keys.algorithms import ALGORITHM_MEANINGS, Algorithm, is_shared
from daypass.tokens.claims import CLAIM_MEANINGS, TIME_CLAIMS
from daypass.tokens.printable import printable

HEADER_MEANINGS = {
    "typ": "What kind of token this is",
    "kid": "The name of the key that signed it. The verifier looks it up among its own keys",
    "cty": "What kind of content the token wraps; a token within a token has JWT here",
    "crit": "Members that a verifier has to understand, or else refuse the token",
    "b64": "Whether the payload is in base64url (RFC 7797)",
    "jwk": "A key, brought along by the token. A verifier that uses it believes anyone",
    "jku": "A web address with keys. A verifier that fetches them from there believes anyone",
    "x5u": "A web address with a certificate. A verifier that fetches it from there believes anyone",
    "x5c": "A certificate, brought along by the token. A verifier that uses it unchecked believes anyone",
    "x5t": "The SHA-1 fingerprint of a certificate",
    "x5t#S256": "The SHA-256 fingerprint of a certificate",
    "enc": "How the content is encrypted. A token that is only signed has no use for it",
    "zip": "That the content is compressed. A token that is only signed has no use for it",
}
MEANINGS = {
    **CLAIM_MEANINGS,
    "nbf": "Time before which the token is not valid yet",
    "jti": "The token's own id, unique among all tokens of the issuer",
}
TIMES = {*TIME_CLAIMS, "nbf"}
UNITS = (("year", 31_557_600), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))  # in seconds


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
    return [Line(printable(name), _json(value), _header_meaning(name, value)) for name, value in members.items()]


def explain_claims(members: Mapping[str, Any], now: datetime) -> list[Line]:
    """A line for each claim: those of RFC 7519 section 4.1, and Daypass's own, in their order."""
    return [_claim(name, value, now) for name, value in members.items()]


def distance(moment: datetime, now: datetime) -> str:
    """How far away a moment is, in the largest unit that fits: "now", "in 59 seconds", "2 hours ago"."""
    seconds = int(moment.timestamp()) - int(now.timestamp())
    for unit, length in UNITS:
        count = abs(seconds) // length
        if count:
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "now"


def _claim(name: str, value: Any, now: datetime) -> Line:
    meaning = MEANINGS.get(name, "A claim of the issuer's own: its meaning is between issuer and reader")
    if name not in TIMES:
        return Line(printable(name), _json(value), meaning)
    moment = _moment(value)
    if moment is None:
        return Line(name, _json(value), f"{meaning}, but this value is no moment: it would be seconds since 1970")
    return Line(name, _json(value), meaning, moment, distance(moment, now))


def _moment(value: Any) -> datetime | None:
    """The moment of a NumericDate (RFC 7519 section 2); None for what is no number, or beyond the calendar."""
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
    return HEADER_MEANINGS.get(name, "A member of the issuer's own")


def _algorithm_meaning(value: Any) -> str:
    if isinstance(value, str) and value in set(Algorithm):
        algorithm = Algorithm(value)
        return ALGORITHM_MEANINGS[algorithm] + (": one secret signs and verifies" if is_shared(algorithm) else "")
    if isinstance(value, str) and value.casefold().strip() == "none":
        return "Not signed at all: anyone could have written it"
    return "No algorithm that the lab knows"


def _json(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False))
