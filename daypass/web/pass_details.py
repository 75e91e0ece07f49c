"""A token's header and claims, each with what it means in words."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from daypass.keys.ring import KeyRing
from daypass.tokens.claims import TIME_CLAIMS, Claims, Token, to_payload

ALGORITHMS = {
    "HS256": "Signed by HMAC with SHA-256",
    "HS384": "Signed by HMAC with SHA-384",
    "HS512": "Signed by HMAC with SHA-512",
    "RS256": "Signed by RSA, PKCS #1 v1.5, with SHA-256",
    "PS256": "Signed by RSA-PSS with SHA-256",
    "ES256": "Signed by ECDSA on P-256 with SHA-256",
    "EdDSA": "Signed by Ed25519",
}
MEANINGS = {
    "typ": "A JSON Web Token",
    "kid": "The key that signed it",
    "iss": "Issued by this site",
    "aud": "Good for visiting, and for nothing else",
    "sub": "Your account",
    "sid": "This session: what is named when it is ended",
    "name": "Your name",
    "roles": "What you may see beyond what every member may",
    "hosts": "The hosts that it may be used on",
    "auth_time": "You signed in",
    "iat": "Issued",
    "exp": "Ends",
    "until": "Not renewed after",
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
    meaning = ALGORITHMS[value] if name == "alg" else MEANINGS[name]
    moment = datetime.fromtimestamp(value, UTC) if name in TIME_CLAIMS else None
    return ClaimRow(name, json.dumps(value), meaning, moment)
