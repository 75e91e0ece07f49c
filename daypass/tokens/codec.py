"""Claims <-> JWT (RFC 7519), by the rules of RFC 8725. The only module that imports `jwt`, the lab aside."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

import jwt
from jwt.utils import base64url_decode

from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import SigningKey
from daypass.tokens.claims import REQUIRED_CLAIMS, Claims, from_payload, to_payload
from daypass.tokens.errors import InvalidToken, TokenFault

MAX_TOKEN_LENGTH = 4096  # characters
COMPACT_FORM = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}")
CLOCK_SKEW = timedelta(seconds=60)  # how far the clocks of two nodes may be apart
HEADER_MEMBERS = {"alg", "typ", "kid"}


@dataclass(frozen=True)
class Token:
    """A token that was read and found good: its claims, and the header that they came under."""

    claims: Claims
    header: dict[str, str]


def encode(claims: Claims, key: SigningKey) -> str:
    """The signed token, as text of at most 4096 characters."""
    text = jwt.encode(to_payload(claims), key.private, algorithm=key.algorithm.value, headers={"kid": key.kid})
    if len(text) > MAX_TOKEN_LENGTH:
        raise ValueError("the token would be too long to be read again")
    return text


def decode(text: str, *, ring: KeyRing, issuer: str, purposes: Mapping[str, int], now: datetime) -> Token:
    """The token, if every rule holds; each purpose that it may have comes with its longest lifetime, in seconds.

    Raises InvalidToken and nothing else, whatever the text is.
    """
    try:
        header, payload = _verify(text, ring, issuer)
        claims = from_payload(payload)
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
    if retired_at is not None and claims.issued_at > retired_at + CLOCK_SKEW:
        raise InvalidToken("signed with a key that no longer signs")
    check_time(claims, now)
    return Token(claims, header)


def check_time(claims: Claims, now: datetime) -> None:
    """Raise InvalidToken for claims that have expired, or that come from the future by more than clocks differ."""
    if now >= claims.expires_at:
        raise InvalidToken("expired", TokenFault.EXPIRED)
    if claims.issued_at > now + CLOCK_SKEW:
        raise InvalidToken("issued in the future")


def _verify(text: str, ring: KeyRing, issuer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload of a token whose signature and issuer are right; the key brings the algorithm."""
    if len(text) > MAX_TOKEN_LENGTH:
        raise InvalidToken("too long")
    if not COMPACT_FORM.fullmatch(text):
        raise InvalidToken("not three base64url parts")
    header = _strict_json(text.split(".")[0])
    key = _key(header, ring)
    jwt.decode(
        text,
        ring.verifier(key.kid),
        algorithms=[key.algorithm.value],
        issuer=issuer,
        options={"require": list(REQUIRED_CLAIMS), "verify_aud": False, "verify_exp": False, "verify_iat": False},
    )
    return header, _strict_json(text.split(".")[1])


def _key(header: dict[str, Any], ring: KeyRing) -> SigningKey:
    if set(header) != HEADER_MEMBERS or header["typ"] != "JWT":
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
