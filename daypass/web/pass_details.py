"""A token's header and claims, each with what it means in words."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from daypass.keys.algorithms import ALGORITHM_MEANINGS, Algorithm
from daypass.keys.ring import KeyRing
from daypass.tokens.claims import CLAIM_MEANINGS, TIME_CLAIMS, Claims, Token, to_payload

# The claims, in words that address the holder.
MEANINGS = {
    **CLAIM_MEANINGS,
    "typ": "A JSON Web Token",
    "kid": "The key that signed it",
    "iss": "Issued by this site",
    "aud": "Valid as a browser session only",
    "sub": "Your account",
    "name": "Your name",
    "roles": "Your roles",
}


@dataclass(frozen=True)
class ClaimRow:
    """One member of a header or payload: its name, its JSON text, its meaning, and the moment that it names, if any."""

    name: str
    value: str
    meaning: str
    moment: datetime | None = None


def header_rows(token: Token) -> list[ClaimRow]:
    """The header, in the order alg, typ, kid."""
    return [_row(name, token.header[name]) for name in ("alg", "typ", "kid")]


def payload_rows(claims: Claims) -> list[ClaimRow]:
    """The claims, in the order that they are written in."""
    return [_row(name, value) for name, value in to_payload(claims).items()]


def own_pass(token: Token, ring: KeyRing) -> dict[str, Any]:
    """What a page says of the visitor's own token: header, payload, and of the signature its length in bits alone."""
    key = ring.find(token.header["kid"])
    return {
        "header": header_rows(token),
        "payload": payload_rows(token.claims),
        "signature_bits": key.signature_bits if key else None,
    }


def _row(name: str, value: Any) -> ClaimRow:
    meaning = ALGORITHM_MEANINGS[Algorithm(value)] if name == "alg" else MEANINGS[name]
    moment = datetime.fromtimestamp(value, UTC) if name in TIME_CLAIMS else None
    return ClaimRow(name, json.dumps(value), meaning, moment)
