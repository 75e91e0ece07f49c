"""Header and claims as JSON text -> a signed token."""

from datetime import datetime
from typing import Any

from jwt.exceptions import InvalidTokenError

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import key_text, parsing
from daypass.lab.playground.errors import Field, LabError
from daypass.lab.playground.jws import JWS
from daypass.tokens.strict_json import InvalidJson, compact, parse_object

MAX_JSON_LENGTH = 8192  # characters of JSON
EXAMPLE_HEADER = '{"typ": "JWT"}'
EXAMPLE_CLAIMS = '{\n  "sender": "alice",\n  "message": "Lunch at noon, bob?",\n  "date": "2026-11-23"\n}'
EXPIRIES = {"never": None, "a minute": 60, "a day": 86_400}  # seconds, by the words on the form
MAX_EXPIRY = 10_000 * 366 * 86_400  # seconds


def encode(*, header: str, claims: str, algorithm: Algorithm, key: str, expires_in: int | None, now: datetime) -> str:
    """The signed token, of at most reading.LONGEST characters.

    `header` and `claims` are JSON objects as text; `alg` in the header is set by `algorithm`, whatever it says.
    `expires_in` is in seconds from `now` and sets `exp`; with None the claims stay as they are.
    Raises LabError, which names the field that it is about.
    """
    members = read_header(header)
    payload = read_claims(claims)
    if expires_in is not None:
        payload["exp"] = int(now.timestamp()) + bounded(expires_in)
    private = key_text.load_private(key, algorithm)
    try:
        token = JWS.encode(compact(payload).encode(), private, algorithm.value, as_pyjwt(members, algorithm))
    except InvalidTokenError as error:
        raise LabError(f"{error}.", "header") from None
    if len(token) > parsing.MAX_TEXT_LENGTH:
        raise LabError(f"The token would be longer than {parsing.MAX_TEXT_LENGTH} characters.", "claims")
    return token


def read_header(text: str) -> dict[str, Any]:
    """The members of a header, `alg` left out. Raises LabError for what is no header of a signed token."""
    members = read_object(text, "header")
    members.pop("alg", None)
    if "b64" in members:
        raise LabError("“b64” changes how the payload is signed (RFC 7797), which the lab does not do.", "header")
    return members


def read_claims(text: str) -> dict[str, Any]:
    """The claims. Raises LabError for what is no JSON object, and for an `iss` that PyJWT would not sign."""
    claims = read_object(text, "claims")
    if not isinstance(claims.get("iss", ""), str):
        raise LabError("“iss”, who issued the token, has to be a text (RFC 7519 section 4.1.1).", "claims")
    return claims


def read_object(text: str, field: Field) -> dict[str, Any]:
    """A JSON object that was typed into a field. Raises LabError, which names that field."""
    if len(text) > MAX_JSON_LENGTH:
        raise LabError(f"It is longer than {MAX_JSON_LENGTH} characters.", field)
    try:
        return parse_object(text)
    except InvalidJson as error:
        raise LabError(str(error), field) from None


def as_pyjwt(members: dict[str, Any], algorithm: Algorithm) -> dict[str, Any]:
    """The header as PyJWT is told of it; it adds `typ` to a header that has none, unless that is said to be None."""
    return {"typ": None} | members | {"alg": algorithm.value}


def bounded(expires_in: int) -> int:
    """The seconds, if a moment so far away has a name. Raises LabError."""
    if abs(expires_in) > MAX_EXPIRY:
        raise LabError("The expiry is further away than there are dates.", "expiry")
    return expires_in
