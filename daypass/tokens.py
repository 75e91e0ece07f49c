"""Claims <-> JWT (RFC 7519), by the rules of RFC 8725. The only module that imports `jwt`, the lab aside."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import jwt
from jwt.utils import base64url_decode

from daypass.errors import Fault, InvalidToken
from daypass.keys import KeyRing, SigningKey

LONGEST = 4096  # characters
SHAPE = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}")
IDENTIFIER = re.compile(r"[a-z0-9]{1,64}")
HOST = re.compile(r"[a-z0-9.:\[\]-]{1,254}")
SKEW = timedelta(seconds=60)  # how far the clocks of two nodes may be apart
LAST_SECOND = 253_402_300_799  # the end of year 9999, where datetime ends

SESSION, API, SETUP = "session", "api", "setup"
SETUP_LIFETIME = 3600  # seconds


@dataclass(frozen=True)
class Claims:
    """What a token says. Moments are aware, in UTC, and whole seconds; on the wire they are seconds since 1970."""

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


WIRE = {
    "iss": "issuer",
    "aud": "purpose",
    "sub": "subject",
    "sid": "session_id",
    "name": "name",
    "roles": "roles",
    "auth_time": "auth_time",
    "iat": "issued_at",
    "exp": "expires_at",
    "until": "until",
    "hosts": "hosts",
}
REQUIRED = WIRE.keys() - {"hosts"}  # `hosts` is in API tokens only, and not in those issued before scopes existed
MOMENTS = ("auth_time", "iat", "exp", "until")
HEADER = {"alg", "typ", "kid"}
PUBLIC_MEMBERS = {"kty", "n", "e", "crv", "x", "y"}  # of a JWK (RFC 7518 section 6, RFC 8037 section 2)


@dataclass(frozen=True)
class Token:
    """A token that was read and found good: its claims, and the header that they came under."""

    claims: Claims
    header: dict[str, str]


def encode(claims: Claims, key: SigningKey) -> str:
    """The signed token, as text of at most 4096 characters."""
    text = jwt.encode(to_payload(claims), key.private, algorithm=key.algorithm.value, headers={"kid": key.kid})
    if len(text) > LONGEST:
        raise ValueError("the token would be too long to be read again")
    return text


def to_payload(claims: Claims) -> dict[str, Any]:
    """The claims as they stand in the token's payload."""
    members = {short: _to_wire(getattr(claims, long)) for short, long in WIRE.items()}
    return {short: value for short, value in members.items() if value is not None}


def decode(text: str, *, ring: KeyRing, issuer: str, purposes: Mapping[str, int], now: datetime) -> Token:
    """The token, if every rule holds; each purpose that it may have comes with its longest lifetime, in seconds.

    Raises InvalidToken and nothing else, whatever the text is.
    """
    try:
        header, payload = _verify(text, ring, issuer)
        claims = _claims(payload)
    except InvalidToken:
        raise
    except jwt.PyJWTError as error:
        raise InvalidToken(str(error)) from None
    except Exception as error:  # hostile text finds errors nobody listed, and all of them mean: refuse
        raise InvalidToken(f"unreadable: {type(error).__name__}") from None
    if claims.purpose not in purposes:
        raise InvalidToken(f"made for another purpose: {claims.purpose:.20}")
    if claims.expires_at - claims.issued_at > timedelta(seconds=purposes[claims.purpose]):
        raise InvalidToken("made for longer than tokens live here")
    retired_at = ring.retired_at(header["kid"])
    if retired_at is not None and claims.issued_at > retired_at + SKEW:
        raise InvalidToken("signed with a key that no longer signs")
    check_time(claims, now)
    return Token(claims, header)


def check_time(claims: Claims, now: datetime) -> None:
    """Raise InvalidToken for claims that have expired, or that come from the future by more than clocks differ."""
    if now >= claims.expires_at:
        raise InvalidToken("expired", Fault.EXPIRED)
    if claims.issued_at > now + SKEW:
        raise InvalidToken("issued in the future")


def jwk_set(ring: KeyRing) -> dict[str, list[dict[str, Any]]]:
    """The public halves of the ring as a JWK Set (RFC 7517 section 5); a secret has none, so it is not in it."""
    return {"keys": [_jwk(key) for key in ring if not isinstance(key.private, bytes)]}


def _jwk(key: SigningKey) -> dict[str, Any]:
    members = jwt.get_algorithm_by_name(key.algorithm.value).to_jwk(key.public, as_dict=True)
    public = {name: value for name, value in members.items() if name in PUBLIC_MEMBERS}
    return public | {"kid": key.kid, "alg": key.algorithm.value, "use": "sig"}


def _verify(text: str, ring: KeyRing, issuer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload of a token whose signature and issuer are right; the key brings the algorithm."""
    if len(text) > LONGEST:
        raise InvalidToken("too long")
    if not SHAPE.fullmatch(text):
        raise InvalidToken("not three base64url parts")
    header = _strict_json(text.split(".")[0])
    key = _key(header, ring)
    jwt.decode(
        text,
        ring.verifier(key.kid),
        algorithms=[key.algorithm.value],
        issuer=issuer,
        options={"require": list(REQUIRED), "verify_aud": False, "verify_exp": False, "verify_iat": False},
    )
    return header, _strict_json(text.split(".")[1])


def _key(header: dict[str, Any], ring: KeyRing) -> SigningKey:
    if set(header) != HEADER or header["typ"] != "JWT":
        raise InvalidToken("header is not alg, typ, kid")
    key = ring.find(header["kid"]) if isinstance(header["kid"], str) else None
    if key is None:
        raise InvalidToken(f"no key {header['kid']!r:.40}")
    if header["alg"] != key.algorithm.value:
        raise InvalidToken(f"key {key.kid} is not for {header['alg']!r:.20}")
    return key


def _strict_json(segment: str) -> dict[str, Any]:
    """A JSON object that has one reading only: UTF-8, no name twice, no NaN (RFC 7515 section 4, RFC 8259)."""
    document = json.loads(
        base64url_decode(segment).decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant
    )
    if not isinstance(document, dict):
        raise InvalidToken("not a JSON object")
    return document


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidToken("a name stands twice")
    return members


def _no_constant(constant: str) -> NoReturn:
    raise InvalidToken("not a JSON number")


def _claims(payload: dict[str, Any]) -> Claims:
    """The payload as claims: exactly the names that we write, each of exactly the type that we write."""
    if not REQUIRED <= payload.keys() <= WIRE.keys():
        raise InvalidToken("claims are not those that we write")
    texts = [payload[name] for name in ("iss", "aud", "sub", "sid", "name")]
    if not all(isinstance(value, str) and value.isprintable() for value in texts):
        raise InvalidToken("a claim is not text")
    if not (IDENTIFIER.fullmatch(payload["sub"]) and IDENTIFIER.fullmatch(payload["sid"])):
        raise InvalidToken("sub or sid is not an identifier")
    if not isinstance(payload["roles"], list) or not all(isinstance(role, str) for role in payload["roles"]):
        raise InvalidToken("roles is not a list of texts")
    if "hosts" in payload and not (payload["aud"] == API and _is_scope(payload["hosts"])):
        raise InvalidToken("hosts is not the scope of an API token")
    return Claims(**{WIRE[short]: _from_wire(short, value) for short, value in payload.items()})


def _is_scope(value: Any) -> bool:
    """Whether it is what we write as `hosts`: a list of hosts, not empty, none of them twice."""
    hosts = value if isinstance(value, list) else []
    written = bool(hosts) and all(isinstance(host, str) and HOST.fullmatch(host) for host in hosts)
    return written and len(set(hosts)) == len(hosts)


def _to_wire(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    return list(value) if isinstance(value, tuple) else value


def _from_wire(short: str, value: Any) -> Any:
    if short in MOMENTS:
        if type(value) is not int or not 0 <= value <= LAST_SECOND:
            raise InvalidToken(f"{short} is not whole seconds")
        return datetime.fromtimestamp(value, UTC)
    return tuple(value) if short in ("roles", "hosts") else value
