"""Header and claims of a token, each with its meaning in words."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from daypass.keys.algorithms import ALGORITHM_MEANINGS, Algorithm
from daypass.keys.ring import KeyRing
from daypass.tokens.claims import CLAIM_MEANINGS, TIME_CLAIMS, Claims, Token, to_payload

# In words that address the holder. The time of a claim follows its meaning.
MEANINGS = {
    **CLAIM_MEANINGS,
    "typ": "A JSON Web Token",
    "kid": "The key that signed it",
    "iss": "Issued by this site",
    "aud": "Valid as a browser session only",
    "sub": "Your account",
    "sid": "This session, which can be revoked",
    "name": "Your name",
    "roles": "Your roles, which open more pages",
    "auth_time": "You signed in",
    "iat": "Issued",
    "exp": "Expires",
    "until": "Not renewed after",
}


@dataclass(frozen=True)
class ClaimRow:
    """A member of a header or payload: its name, JSON text and meaning.

    moment: the time that the value stands for, if any.
    """

    name: str
    value: str
    meaning: str
    moment: datetime | None = None


@dataclass(frozen=True)
class OwnPass:
    """The visitor's own token, as a page may show it. Of the signature it has only the length, in bits."""

    header: tuple[tuple[str, str], ...]
    claims: Claims
    signature_bits: int | None

    def header_rows(self) -> list[ClaimRow]:
        """The rows of the header."""
        return [_row(name, value) for name, value in self.header]

    def payload_rows(self) -> list[ClaimRow]:
        """The rows of the payload, in the order in which the token has them."""
        return [_row(name, value) for name, value in to_payload(self.claims).items()]


def own_pass(token: Token, ring: KeyRing) -> OwnPass:
    """The visitor's own token, its header in the order alg, typ, kid."""
    key = ring.find(token.header["kid"])
    header = tuple((name, token.header[name]) for name in ("alg", "typ", "kid"))
    return OwnPass(header, token.claims, key.signature_bits if key else None)


def _row(name: str, value: Any) -> ClaimRow:
    meaning = ALGORITHM_MEANINGS[Algorithm(value)] if name == "alg" else MEANINGS[name]
    moment = datetime.fromtimestamp(value, UTC) if name in TIME_CLAIMS else None
    return ClaimRow(name, json.dumps(value), meaning, moment)
