"""The claims of a token: their names, types and meanings (RFC 7519)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

from daypass.tokens.errors import InvalidToken
from daypass.tokens.purposes import API

IDENTIFIER = re.compile(r"[a-z0-9]{1,64}")
HOST_IN_SCOPE = re.compile(r"[a-z0-9.:\[\]-]{1,254}")
LAST_SECOND = 253_402_300_799  # the end of the year 9999, the latest datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token. Times are aware datetimes in UTC, in whole seconds; in the payload, seconds since 1970."""

    issuer: str
    purpose: str
    subject: str
    session_id: str
    name: str
    roles: tuple[str, ...]
    auth_time: datetime
    issued_at: datetime
    expires_at: datetime
    until: datetime
    hosts: tuple[str, ...] | None = None  # an API token's scope; None in all other tokens


def sessionless_claims(
    issuer: str, purpose: str, subject: str, identifier: str, now: datetime, lifetime: timedelta
) -> Claims:
    """The claims of a token that belongs to no session, such as that of a link. `now` must be in whole seconds.

    identifier: takes the place of the session's id.
    """
    end = now + lifetime
    return Claims(
        issuer=issuer,
        purpose=purpose,
        subject=subject,
        session_id=identifier,
        name="",
        roles=(),
        auth_time=now,
        issued_at=now,
        expires_at=end,
        until=end,
    )


@dataclass(frozen=True, slots=True)
class Token:
    """A verified token: its claims and its header."""

    claims: Claims
    header: dict[str, str]


class ClaimType(Enum):
    """The type of a claim in the payload."""

    TEXT = auto()
    IDENTIFIER = auto()  # text of lower-case letters and digits
    TEXTS = auto()  # an array
    TIME = auto()  # whole seconds since 1970


@dataclass(frozen=True)
class ClaimDefinition:
    """One claim: its name in the payload, the field of `Claims` that holds it, its type, and its meaning in words."""

    name: str
    field: str
    type: ClaimType
    meaning: str


CLAIM_DEFINITIONS = (
    ClaimDefinition("iss", "issuer", ClaimType.TEXT, "Who issued the token"),
    ClaimDefinition("aud", "purpose", ClaimType.TEXT, "What the token is for; it must be rejected for anything else"),
    ClaimDefinition("sub", "subject", ClaimType.IDENTIFIER, "Who the token is about: the id of an account"),
    ClaimDefinition("sid", "session_id", ClaimType.IDENTIFIER, "The session that the token belongs to, by its id"),
    ClaimDefinition("name", "name", ClaimType.TEXT, "The holder's name"),
    ClaimDefinition("roles", "roles", ClaimType.TEXTS, "The holder's roles"),
    ClaimDefinition("auth_time", "auth_time", ClaimType.TIME, "Time of sign-in"),
    ClaimDefinition("iat", "issued_at", ClaimType.TIME, "Time of issue"),
    ClaimDefinition("exp", "expires_at", ClaimType.TIME, "Expiry time"),
    ClaimDefinition("until", "until", ClaimType.TIME, "Time after which the session cannot be renewed"),
    ClaimDefinition("hosts", "hosts", ClaimType.TEXTS, "The hosts where an API token is valid"),
)


def _names_of(type_: ClaimType) -> tuple[str, ...]:
    return tuple(claim.name for claim in CLAIM_DEFINITIONS if claim.type is type_)


CLAIM_FIELDS = {claim.name: claim.field for claim in CLAIM_DEFINITIONS}
CLAIM_MEANINGS = {claim.name: claim.meaning for claim in CLAIM_DEFINITIONS}
# `hosts` is in API tokens only, and not in those issued before scopes existed
REQUIRED_CLAIMS = CLAIM_FIELDS.keys() - {"hosts"}
TEXT_CLAIMS = _names_of(ClaimType.TEXT)
IDENTIFIER_CLAIMS = _names_of(ClaimType.IDENTIFIER)
ARRAY_CLAIMS = _names_of(ClaimType.TEXTS)
TIME_CLAIMS = _names_of(ClaimType.TIME)


def to_payload(claims: Claims) -> dict[str, Any]:
    """The payload for these claims."""
    members = {name: _to_json(getattr(claims, field)) for name, field in CLAIM_FIELDS.items()}
    return {name: value for name, value in members.items() if value is not None}


def from_payload(payload: dict[str, Any]) -> Claims:
    """Parse a payload. Raises InvalidToken unless the names and types are exactly those that `to_payload` writes."""
    if not REQUIRED_CLAIMS <= payload.keys() <= CLAIM_FIELDS.keys():
        raise InvalidToken("unexpected or missing claims")
    identifiers = [payload[name] for name in IDENTIFIER_CLAIMS]
    texts = [payload[name] for name in TEXT_CLAIMS]
    if not all(isinstance(value, str) and value.isprintable() for value in texts + identifiers):
        raise InvalidToken("a claim is not a string")
    if not all(map(IDENTIFIER.fullmatch, identifiers)):
        raise InvalidToken("sub or sid is not an identifier")
    if not isinstance(payload["roles"], list) or not all(isinstance(role, str) for role in payload["roles"]):
        raise InvalidToken("roles is not a list of strings")
    if "hosts" in payload and not (payload["aud"] == API and _is_scope(payload["hosts"])):
        raise InvalidToken("hosts is not the scope of an API token")
    return Claims(**{CLAIM_FIELDS[name]: _from_json(name, value) for name, value in payload.items()})


def _is_scope(value: Any) -> bool:
    """Whether the value is a valid scope: a non-empty list of distinct hosts."""
    hosts = value if isinstance(value, list) else []
    valid = bool(hosts) and all(isinstance(host, str) and HOST_IN_SCOPE.fullmatch(host) for host in hosts)
    return valid and len(set(hosts)) == len(hosts)


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    return list(value) if isinstance(value, tuple) else value


def _from_json(name: str, value: Any) -> Any:
    if name in TIME_CLAIMS:
        if type(value) is not int or not 0 <= value <= LAST_SECOND:
            raise InvalidToken(f"{name} is not whole seconds")
        return datetime.fromtimestamp(value, UTC)
    return tuple(value) if name in ARRAY_CLAIMS else value
