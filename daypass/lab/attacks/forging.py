"""How forgeries are made: by hand, since PyJWT rightly refuses to make most of them (RFC 7515, RFC 7518 section 3)."""

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


class Compact:
    """Something that has a token, taken apart (RFC 7515 section 3.1)."""

    token: str

    @property
    def parts(self) -> list[str]:
        """Header, payload and signature, encoded as they stand."""
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
class Target(Compact):
    """What an attack starts from: an untouched token that the gate would let in, and the key that signed it.

    Of the key an attacker knows no more than its public half. Its private one signs only in `issued`: tokens that a
    site itself has made, and that are held out at the wrong time or place.
    """

    token: str
    key: SigningKey
    now: datetime

    def kept(self, *, header: object = None, payload: object = None) -> str:
        """Another header or payload above the untouched signature."""
        return ".".join([*self._above(header, payload), self.parts[2]])

    def unsigned(self, *, header: object = None, payload: object = None) -> str:
        """Another header or payload above no signature at all."""
        return ".".join([*self._above(header, payload), ""])

    def signed(self, key: bytes | PrivateKey, *, header: object, payload: object = None) -> str:
        """Another header or payload, signed with a key of the attacker's."""
        text = ".".join(self._above(header, payload))
        return f"{text}.{part(signature(key, text.encode()))}"

    def issued(self, **claims: object) -> str:
        """A genuine token: the untouched claims but for these, signed by the site."""
        return self.signed(self.key.private, header=self.header, payload=self.payload | claims)

    def public_key(self) -> bytes:
        """What everybody may download, as PEM. For a key that has a public half."""
        public = self.key.public
        if isinstance(public, bytes):
            raise ValueError("a shared secret has no public half")
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def _above(self, header: object, payload: object) -> tuple[str, str]:
        """What a signature is made of, encoded."""
        return (
            self.parts[0] if header is None else part(header),
            self.parts[1] if payload is None else part(payload),
        )


def part(content: object) -> str:
    """One part of a token: bytes as they are, anything else as JSON."""
    raw = content if isinstance(content, bytes) else to_json(content)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def to_json(content: object) -> bytes:
    """JSON without spaces, as PyJWT writes it."""
    return json.dumps(content, separators=(",", ":")).encode()


def unpart(text: str) -> bytes:
    """The bytes of one part. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_part(text: str) -> dict[str, Any]:
    """The JSON object of one part. Raises ValueError or RecursionError."""
    document: dict[str, Any] = json.loads(unpart(text))
    return document


def signature(key: bytes | PrivateKey, message: bytes) -> bytes:
    """The signature that goes with a key of this kind: HS256, RS256, ES256 or EdDSA."""
    if isinstance(key, bytes):
        return hmac.digest(key, message, "sha256")
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return key.sign(message)
