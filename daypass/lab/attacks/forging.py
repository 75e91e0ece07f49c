"""Forging tokens by hand, since PyJWT rightly refuses to create most of them (RFC 7515, RFC 7518 section 3)."""

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from daypass.keys.signing_key import PrivateKey, SigningKey


class CompactToken:
    """Base class for an object with a `token`, which it splits into parts (RFC 7515 section 3.1)."""

    token: str

    @property
    def parts(self) -> list[str]:
        """Header, payload and signature, still encoded."""
        return self.token.split(".")

    @property
    def header(self) -> dict[str, Any]:
        """The header, decoded."""
        return read_part(self.parts[0])

    @property
    def payload(self) -> dict[str, Any]:
        """The claims, decoded."""
        return read_part(self.parts[1])


@dataclass(frozen=True)
class Target(CompactToken):
    """The starting point of an attack: a valid token, and the key that signed it.

    An attacker knows only the public half of the key. The private half is used only by `issued`, for tokens that the
    site itself issued and that are presented at the wrong time or place.
    """

    token: str
    key: SigningKey
    now: datetime

    def edited(self, *, header: object = None, payload: object = None) -> str:
        """Replace the header or payload, and keep the signature."""
        return ".".join([*self._signing_input(header, payload), self.parts[2]])

    def unsigned(self, *, header: object = None, payload: object = None) -> str:
        """Replace the header or payload, and remove the signature."""
        return ".".join([*self._signing_input(header, payload), ""])

    def signed(self, key: bytes | PrivateKey, *, header: object, payload: object = None) -> str:
        """Replace the header or payload, and sign with the attacker's key."""
        text = ".".join(self._signing_input(header, payload))
        return f"{text}.{part(signature(key, text.encode()))}"

    def issued(self, members: dict[str, object] | None = None, /, **claims: object) -> str:
        """A token that the site signed, with these members of the header and these claims changed."""
        return self.signed(self.key.private, header=self.header | (members or {}), payload=self.payload | claims)

    def public_key(self) -> bytes:
        """The public key as PEM, which anyone can download. Raises ValueError for a shared secret."""
        public = self.key.public
        if isinstance(public, bytes):
            raise ValueError("a shared secret has no public half")
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def _signing_input(self, header: object, payload: object) -> tuple[str, str]:
        """The encoded header and payload, which are what is signed."""
        return (
            self.parts[0] if header is None else part(header),
            self.parts[1] if payload is None else part(payload),
        )


def part(content: object) -> str:
    """One part of a token, in base64url. Content other than bytes is written as JSON."""
    raw = content if isinstance(content, bytes) else to_json(content)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def to_json(content: object) -> bytes:
    """Compact JSON, as PyJWT writes it."""
    return json.dumps(content, separators=(",", ":")).encode()


def part_bytes(text: str) -> bytes:
    """Decode one part to bytes. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_part(text: str) -> dict[str, Any]:
    """Decode one part to a JSON object. Raises ValueError or RecursionError."""
    document: dict[str, Any] = json.loads(part_bytes(text))
    return document


def signature(key: bytes | PrivateKey, message: bytes) -> bytes:
    """Sign with HS256, RS256, ES256 or EdDSA, whichever fits the type of the key."""
    if isinstance(key, bytes):
        return hmac.digest(key, message, "sha256")
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return key.sign(message)
