"""Build forgeries: raw token parts, signatures by any key, and targets."""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from daypass.keys.signing_key import PrivateKey, SigningKey
from daypass.lab.attacks.forging import CompactToken, part, part_bytes, read_part, to_json

FORGED = "This token was changed, or was not issued by this site."
EXPIRED = "This token has expired."
ENDED = "The session of this token was ended."
MISSING = "Sign in to see this page."
GATE_SAID = {
    FORGED: "Invalid token: the token was changed, or was not issued by this site",
    EXPIRED: "Invalid token: the token has expired",
    ENDED: "Invalid token: the session of the token was ended",
    MISSING: "Invalid token: no token was sent",
}

ALGORITHMS = ("HS256", "RS256", "ES256", "EdDSA")
WITH_PUBLIC_KEYS = ALGORITHMS[1:]
SHA2: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
OMITTED = object()  # as the value of a claim: leave the claim out


@dataclass(frozen=True)
class Forgery:
    """A text that every app must refuse, and the message of the refusal."""

    name: str
    text: str
    message: str = FORGED


@dataclass(frozen=True)
class Target(CompactToken):
    """The target of an attack: a member's token, an admin's, and the app's key.

    `key` is the app's own signing key. Only forgeries marked (K) sign with it; the others use its public half at most.
    `listener` is a URL that the app must not request, `canary` a file that it must not create.
    """

    key: SigningKey
    token: str
    admin_token: str
    listener: str
    canary: Path

    @property
    def admin(self) -> dict[str, Any]:
        """The claims of the admin's token."""
        return read_part(self.admin_token.split(".")[1])

    @property
    def signature(self) -> bytes:
        return part_bytes(self.parts[2])

    def with_signature(self, signature: bytes, payload: object = None) -> str:
        """The genuine token with another signature and, if given, another payload."""
        return ".".join([*self._parts(None, payload), part(signature)])

    def with_kept_signature(self, header: object = None, payload: object = None) -> str:
        """Another header or payload with the genuine signature."""
        return ".".join([*self._parts(header, payload), self.parts[2]])

    def unsigned(self, header: object = None, payload: object = None) -> str:
        """Another header or payload with an empty signature."""
        return ".".join([*self._parts(header, payload), ""])

    def signed(self, header: object = None, payload: object = None) -> str:
        """(K) Another header or payload, signed with the app's own key."""
        return self.signed_text(".".join(self._parts(header, payload)))

    def signed_text(self, text: str) -> str:
        """(K) Any text with a valid signature."""
        message = text.encode("utf-8", "surrogatepass")
        return f"{text}.{part(sign(self.key.algorithm, self.key.private, message))}"

    def with_claims(self, **changes: object) -> str:
        """(K) The genuine claims with these changes, signed with the app's own key."""
        claims = self.payload | changes
        return self.signed(payload={name: value for name, value in claims.items() if value is not OMITTED})

    def signed_by(self, key: bytes | PrivateKey, algorithm: str, header: object = None, payload: object = None) -> str:
        """A token signed with any key; by default its header names the algorithm."""
        text = ".".join(self._parts(header if header is not None else self.header | {"alg": algorithm}, payload))
        return f"{text}.{part(sign(algorithm, key, text.encode()))}"

    def max_payload_bytes(self) -> int:
        """The size of the largest payload in a token of at most 4096 characters."""
        return (4096 - len(self.parts[0]) - len(self.parts[2]) - 2) * 3 // 4

    def _parts(self, header: object, payload: object) -> tuple[str, str]:
        return (
            self.parts[0] if header is None else part(header),
            self.parts[1] if payload is None else part(payload),
        )


@dataclass(frozen=True)
class Row:
    """A row of SECURITY.md's table: its forgeries and their algorithms."""

    number: int
    name: str
    algorithms: tuple[str, ...]
    forge: Callable[[Target], Iterator[Forgery]]

    def __str__(self) -> str:
        return f"{self.number:02d}-{self.name}"


def row(
    number: int, name: str, algorithms: tuple[str, ...] = ALGORITHMS
) -> Callable[[Callable[[Target], Iterator[Forgery]]], Row]:
    """Decorate the function that yields the forgeries of a row."""
    return lambda forge: Row(number, name, algorithms, forge)


def member(name: str, value: object) -> bytes:
    """The text of one member of a JSON object, such as `"exp":1`."""
    return to_json({name: value})[1:-1]


def sign(algorithm: str, key: bytes | PrivateKey, message: bytes) -> bytes:
    """Sign with any key (RFC 7518 section 3)."""
    if isinstance(key, bytes):
        return hmac.digest(key, message, f"sha{algorithm[2:]}")
    if isinstance(key, rsa.RSAPrivateKey):
        sha = SHA2[algorithm[2:]]
        pss = padding.PSS(padding.MGF1(sha), sha.digest_size)
        return key.sign(message, pss if algorithm.startswith("PS") else padding.PKCS1v15(), sha)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return ecdsa_signature(*decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256()))))
    return key.sign(message)


def ecdsa_signature(r: int, s: int, size: int = 32) -> bytes:
    """An ECDSA signature as in JWS: the two numbers concatenated."""
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@cache
def attacker_keys() -> dict[str, PrivateKey]:
    """The attacker's own keys, one per algorithm."""
    return {
        "RS256": rsa.generate_private_key(65537, 2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }
