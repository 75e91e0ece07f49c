"""A token, a key, an algorithm -> valid, or `Token is invalid --> ...` in PyJWT's words."""

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
MAX_MESSAGE_LENGTH = 200  # characters: PyJWT quotes some of what it refuses


@dataclass(frozen=True)
class Verification:
    """What came of it.

    `message` is `Token is valid` or `Token is invalid --> <why>`; `blame` is the part that is at fault, or None for a
    valid token and for one that lacks whole parts. `notes` are sentences beside it: that the header names another
    algorithm, or what a stricter reader would refuse. `claims` are those of a valid token, and empty for any other.
    """

    valid: bool
    message: str
    blame: PartName | None = None
    notes: tuple[str, ...] = ()
    claims: dict[str, Any] | None = None


class _Refused(Exception):
    def __init__(self, why: str, blame: PartName | None, *notes: str) -> None:
        self.why, self.blame, self.notes = why, blame, notes


def verify(text: str, *, key: str, algorithm: Algorithm, now: datetime) -> Verification:
    """Verify a token with the algorithm that was chosen, never with the one that its header names (RFC 8725 3.1).

    Issuer and audience are not checked, since nobody is asked for them. Raises LabError when the key cannot be used,
    and nothing else, whatever the texts are.
    """
    verifier = key_text.load_public(key, algorithm)
    try:
        if len(text) > MAX_TEXT_LENGTH:
            raise _Refused(f"Longer than {MAX_TEXT_LENGTH} characters", None)
        claims = _claims(_verified(text, verifier, algorithm))
        _check_times(claims, now.timestamp())
        _check_texts(claims)
    except _Refused as refused:
        why = printable(refused.why[:MAX_MESSAGE_LENGTH])
        return Verification(False, INVALID + why, refused.blame, refused.notes)
    return Verification(True, VALID, notes=read(text).faults, claims=claims)


def _verified(text: str, verifier: Any, algorithm: Algorithm) -> bytes:
    """The payload under a signature that is right."""
    try:
        # a lone surrogate has no UTF-8, and as bytes PyJWT refuses it in words like any other foreign character
        whole = JWS.decode_complete(text.encode("utf-8", "surrogatepass"), verifier, [algorithm.value])
    except InvalidAlgorithmError as error:
        raise _Refused(str(error), "header", _other_algorithm(read(text), algorithm)) from None
    except PyJWTError as error:
        raise _Refused(str(error), _blame(str(error))) from None
    payload: bytes = whole["payload"]
    return payload


def _other_algorithm(reading: Reading, algorithm: Algorithm) -> str:
    if "alg" not in reading.header:
        return f"The header names no algorithm. {algorithm} was chosen to check the token."
    named = printable(json.dumps(reading.header["alg"], ensure_ascii=False)[:40])
    return f"The header names {named}. {algorithm} was chosen to check the token, and the header has no say in it."


def _blame(why: str) -> PartName | None:
    """The part that PyJWT's words are about."""
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
        raise _Refused(f"Invalid payload string: {error}", "payload") from None
    if not isinstance(claims, dict):
        raise _Refused("Invalid payload string: must be a json object", "payload")
    return claims


def _check_times(claims: dict[str, Any], now: float) -> None:
    """As PyJWT does, which has no argument for the time that it is."""
    if "iat" in claims and _seconds(claims["iat"], "Issued At claim (iat)") > now:
        raise _Refused("The token is not yet valid (iat)", "payload")
    if "nbf" in claims and _seconds(claims["nbf"], "Not Before claim (nbf)") > now:
        raise _Refused("The token is not yet valid (nbf)", "payload")
    if "exp" in claims and _seconds(claims["exp"], "Expiration Time claim (exp)") <= now:
        raise _Refused("Signature has expired", "payload")


def _seconds(value: Any, name: str) -> int:
    try:
        return int(value)
    except (ValueError, TypeError, OverflowError):
        raise _Refused(f"{name} must be an integer.", "payload") from None


def _check_texts(claims: dict[str, Any]) -> None:
    for name, words in (("sub", "Subject"), ("jti", "JWT ID")):
        if not isinstance(claims.get(name, ""), str):
            raise _Refused(f"{words} must be a string", "payload")
