"""Encode a header and claims, given as JSON text, into a signed token."""

from datetime import datetime
from typing import Any

from jwt.exceptions import InvalidTokenError

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import key_text, parsing
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.json_fields import read_object
from daypass.lab.playground.jws import JWS
from daypass.tokens.strict_json import compact

MAX_EXPIRY = 10_000 * 366 * 86_400  # seconds


def encode(*, header: str, claims: str, algorithm: Algorithm, key: str, expires_in: int | None, now: datetime) -> str:
    """Return a signed token of at most `parsing.MAX_TEXT_LENGTH` characters.

    `header` and `claims` are JSON objects as text; `algorithm` overrides the `alg` in the header.
    `expires_in`, in seconds from `now`, sets `exp`; with None the claims stay as they are.
    Raises LabError, which names the field with the error.
    """
    members = read_header(header)
    payload = read_claims(claims)
    if expires_in is not None:
        payload["exp"] = int(now.timestamp()) + check_expiry(expires_in)
    private = key_text.load_private(key, algorithm)
    try:
        token = JWS.encode(compact(payload).encode(), private, algorithm.value, as_pyjwt(members, algorithm))
    except InvalidTokenError as error:
        raise LabError(f"{error}.", "header") from None
    if len(token) > parsing.MAX_TEXT_LENGTH:
        raise LabError(f"The token would be longer than {parsing.MAX_TEXT_LENGTH} characters.", "claims")
    return token


def read_header(text: str) -> dict[str, Any]:
    """Parse a header, without its `alg`. Raises LabError if it is not JSON, or has a member that the lab rejects."""
    members = read_object(text, "header")
    members.pop("alg", None)
    if "b64" in members:
        raise LabError("“b64” changes how the payload is signed (RFC 7797), which the lab does not support.", "header")
    return members


def read_claims(text: str) -> dict[str, Any]:
    """Parse the claims. Raises LabError if they are not a JSON object, or if PyJWT would reject their `iss`."""
    claims = read_object(text, "claims")
    if not isinstance(claims.get("iss", ""), str):
        raise LabError("“iss”, the issuer, must be a string (RFC 7519 section 4.1.1).", "claims")
    return claims


def as_pyjwt(members: dict[str, Any], algorithm: Algorithm) -> dict[str, Any]:
    """The header as PyJWT expects it. With `typ` set to None, PyJWT does not add one to a header that lacks it."""
    return {"typ": None} | members | {"alg": algorithm.value}


def check_expiry(expires_in: int) -> int:
    """Return the seconds. Raises LabError if the expiry would be beyond the calendar."""
    if abs(expires_in) > MAX_EXPIRY:
        raise LabError("The expiry is too far away to be a date.", "expiry")
    return expires_in
