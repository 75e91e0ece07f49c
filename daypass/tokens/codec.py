"""Encode claims as a JWT and verify JWTs (RFC 7519, RFC 8725).

PyJWT is imported in the functions that use it, since few commands do.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from daypass.errors import ServiceUnavailable
from daypass.keys.ring import CLOCK_SKEW, Verifier, VerifyingRing
from daypass.keys.signing_key import SigningKey
from daypass.tokens.base64url import InvalidBase64url, decode_base64url
from daypass.tokens.claims import REQUIRED_CLAIMS, Claims, Token, from_payload, to_payload
from daypass.tokens.errors import InvalidToken, TokenFault, UnknownKey
from daypass.tokens.strict_json import InvalidJson, parse_object

MAX_TOKEN_LENGTH = 4096  # characters
COMPACT_FORM = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}")
HEADER_MEMBERS = {"alg", "typ", "kid"}


def encode(claims: Claims, key: SigningKey) -> str:
    """Sign the claims. Raises ValueError if the token is longer than MAX_TOKEN_LENGTH, which `decode` would reject."""
    import jwt

    text = jwt.encode(to_payload(claims), key.private, algorithm=key.algorithm.value, headers={"kid": key.kid})
    if len(text) > MAX_TOKEN_LENGTH:
        raise ValueError("the token is longer than the maximum")
    return text


def decode(text: str, *, ring: VerifyingRing, issuer: str, purposes: Mapping[str, int], now: datetime) -> Token:
    """Verify a token. `purposes` maps each accepted purpose to the maximum lifetime of its tokens, in seconds.

    Raises InvalidToken if the token is not valid, ServiceUnavailable if this node cannot read its key.
    """
    import jwt

    try:
        header, payload = _verify(text, ring, issuer)
        claims = from_payload(payload)
    except (InvalidToken, ServiceUnavailable):
        raise
    except jwt.PyJWTError as error:
        raise InvalidToken(str(error)) from None
    except Exception as error:  # a hostile token can cause any exception, and each means that it is invalid
        raise InvalidToken(f"unreadable: {type(error).__name__}") from None
    if claims.purpose not in purposes:
        raise InvalidToken(f"issued for another purpose: {claims.purpose:.20}")
    if claims.expires_at - claims.issued_at > timedelta(seconds=purposes[claims.purpose]):
        raise InvalidToken("its lifetime is longer than the maximum")
    retired_at = ring.retired_at(header["kid"])
    if retired_at is not None and claims.issued_at > retired_at + CLOCK_SKEW:
        raise InvalidToken("issued after its key was retired")
    check_time(claims, now)
    return Token(claims, header)


def check_time(claims: Claims, now: datetime) -> None:
    """Raise InvalidToken if the claims have expired, or were issued more than CLOCK_SKEW in the future."""
    if now >= claims.expires_at:
        raise InvalidToken("expired", TokenFault.EXPIRED, claims)
    if claims.issued_at > now + CLOCK_SKEW:
        raise InvalidToken("issued in the future")


def _verify(text: str, ring: VerifyingRing, issuer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check signature and issuer; return header and payload. The key determines the algorithm."""
    import jwt

    if len(text) > MAX_TOKEN_LENGTH:
        raise InvalidToken("too long")
    if not COMPACT_FORM.fullmatch(text):
        raise InvalidToken("not three base64url parts")
    header = _json_object(text.split(".")[0])
    key = _key(header, ring)
    jwt.decode(
        text,
        ring.verifier(key.kid),
        algorithms=[key.algorithm.value],
        issuer=issuer,
        options={"require": list(REQUIRED_CLAIMS), "verify_aud": False, "verify_exp": False, "verify_iat": False},
    )
    return header, _json_object(text.split(".")[1])


def _key(header: dict[str, Any], ring: VerifyingRing) -> Verifier:
    if set(header) != HEADER_MEMBERS or header["typ"] != "JWT":
        raise InvalidToken("header is not alg, typ, kid")
    key = ring.find(header["kid"]) if isinstance(header["kid"], str) else None
    if key is None:
        raise UnknownKey(f"no key {header['kid']!r:.40}")
    if header["alg"] != key.algorithm.value:
        raise InvalidToken(f"key {key.kid} is not for {header['alg']!r:.20}")
    return key


def _json_object(segment: str) -> dict[str, Any]:
    """Decode a header or payload strictly. Raises InvalidToken."""
    try:
        return parse_object(decode_base64url(segment).decode("utf-8"))
    except (InvalidBase64url, InvalidJson) as error:
        raise InvalidToken(str(error)) from None
