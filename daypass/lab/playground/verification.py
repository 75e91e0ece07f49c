"""Verify a token: it is valid, or `Token is invalid --> ` with a reason in the words of PyJWT."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jwt.exceptions import InvalidAlgorithmError, PyJWTError

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import key_text
from daypass.lab.playground.jws import JWS
from daypass.lab.playground.parsing import MAX_TEXT_LENGTH, PartName, Reading, read
from daypass.tokens.printable import printable

VALID, INVALID = "Token is valid", "Token is invalid --> "
MAX_MESSAGE_LENGTH = 200  # characters: PyJWT quotes part of the token in some messages


@dataclass(frozen=True)
class Verification:
    """The result of a verification.

    `message` is `Token is valid` or `Token is invalid --> <why>`. `blame` is the part at fault, or None for a valid
    token and for one that lacks a part. `notes` are additional sentences: that the header names another algorithm, or
    what a stricter parser would reject. `claims` are the claims of a valid token, otherwise None.
    """

    valid: bool
    message: str
    blame: PartName | None = None
    notes: tuple[str, ...] = ()
    claims: dict[str, Any] | None = None


class _Invalid(Exception):
    def __init__(self, why: str, blame: PartName | None, *notes: str) -> None:
        self.why, self.blame, self.notes = why, blame, notes


def verify(text: str, *, key: str, algorithm: Algorithm, now: datetime, leeway: int = 0) -> Verification:
    """Verify a token with the given algorithm, never with the one in its header (RFC 8725 section 3.1).

    leeway: by how many seconds the clocks of issuer and verifier may differ (RFC 7519 section 4.1.4).
    Does not check issuer and audience, since the lab does not ask for them. Raises LabError if the key cannot be used,
    and no other error for any text.
    """
    verifier = key_text.load_public(key, algorithm)
    try:
        if len(text) > MAX_TEXT_LENGTH:
            raise _Invalid(f"Longer than {MAX_TEXT_LENGTH} characters", None)
        claims = _claims(_verified(text, verifier, algorithm))
        _check_times(claims, now.timestamp(), leeway)
        _check_texts(claims)
    except _Invalid as error:
        why = printable(error.why[:MAX_MESSAGE_LENGTH])
        return Verification(False, INVALID + why, error.blame, error.notes)
    return Verification(True, VALID, notes=read(text).faults, claims=claims)


def _verified(text: str, verifier: Any, algorithm: Algorithm) -> bytes:
    """The payload, if the signature is valid."""
    try:
        # strict UTF-8 cannot encode a lone surrogate; as bytes, PyJWT rejects it like any other invalid character
        whole = JWS.decode_complete(text.encode("utf-8", "surrogatepass"), verifier, [algorithm.value])
    except InvalidAlgorithmError as error:
        raise _Invalid(str(error), "header", _other_algorithm(read(text), algorithm)) from None
    except PyJWTError as error:
        raise _Invalid(str(error), _blame(str(error))) from None
    payload: bytes = whole["payload"]
    return payload


def _other_algorithm(reading: Reading, algorithm: Algorithm) -> str:
    if "alg" not in reading.header:
        return f"The header names no algorithm. The lab used {algorithm}, as chosen."
    named = printable(json.dumps(reading.header["alg"], ensure_ascii=False)[:40])
    return f"The header names {named}. The lab used {algorithm}, as chosen: the header has no say in it."


def _blame(why: str) -> PartName | None:
    """The part that PyJWT's message is about."""
    match why.split():
        case ["Not", "enough", "segments"]:
            return None
        case ["Signature", *_] | ["Invalid", "crypto", *_]:
            return "signature"
        case ["Invalid", "payload", *_] | ["Payload", *_]:
            return "payload"
    return "header"


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise _Invalid(f"Invalid payload string: {error}", "payload") from None
    if not isinstance(claims, dict):
        raise _Invalid("Invalid payload string: must be a json object", "payload")
    return claims


def _check_times(claims: dict[str, Any], now: float, leeway: int) -> None:
    """Check the time claims like PyJWT, which has no argument for the current time."""
    if "iat" in claims and _seconds(claims["iat"], "Issued At claim (iat)") > now + leeway:
        raise _Invalid("The token is not yet valid (iat)", "payload")
    if "nbf" in claims and _seconds(claims["nbf"], "Not Before claim (nbf)") > now + leeway:
        raise _Invalid("The token is not yet valid (nbf)", "payload")
    if "exp" in claims and _seconds(claims["exp"], "Expiration Time claim (exp)") <= now - leeway:
        raise _Invalid("Signature has expired", "payload")


def _seconds(value: Any, name: str) -> int:
    try:
        return int(value)
    except (ValueError, TypeError, OverflowError):
        raise _Invalid(f"{name} must be an integer.", "payload") from None


def _check_texts(claims: dict[str, Any]) -> None:
    for name, words in (("sub", "Subject"), ("jti", "JWT ID")):
        if not isinstance(claims.get(name, ""), str):
            raise _Invalid(f"{words} must be a string", "payload")
