"""How forgeries are made: raw parts of a token, signatures by any key, and what an attack is aimed at."""

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
from daypass.lab.attacks.forging import Compact, part, read_part, to_json, unpart

FORGED = "This token was changed, or was not issued by this site."
EXPIRED = "This token has expired."
ENDED = "The session of this token was ended."
MISSING = "Sign in to see this page."

RINGS = ("HS256", "RS256", "ES256", "EdDSA")
WITH_PUBLIC_KEYS = RINGS[1:]
SHA2: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
GONE = object()  # in place of a claim's value: leave the claim out


@dataclass(frozen=True)
class Forgery:
    """A text that no app may take for a token, and the sentence with which it is refused."""

    name: str
    text: str
    told: str = FORGED


@dataclass(frozen=True)
class Target(Compact):
    """What is attacked: an honest token with a live session, and a second person, an admin, with another.

    `key` is the app's own. Only forgeries marked (K) sign with it; the others use no more than its public half.
    `listener` is a URL that nobody may ask for, `canary` a file that nobody may make.
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
        return unpart(self.parts[2])

    def with_signature(self, signature: bytes, payload: object = None) -> str:
        """The honest token with another signature, and perhaps another payload."""
        return ".".join([*self._parts(None, payload), part(signature)])

    def with_kept_signature(self, header: object = None, payload: object = None) -> str:
        """Another header or payload above the honest signature."""
        return ".".join([*self._parts(header, payload), self.parts[2]])

    def unsigned(self, header: object = None, payload: object = None) -> str:
        """Another header or payload, and nothing for a signature."""
        return ".".join([*self._parts(header, payload), ""])

    def signed(self, header: object = None, payload: object = None) -> str:
        """(K) Another header or payload, signed with the app's own key."""
        return self.signed_text(".".join(self._parts(header, payload)))

    def signed_text(self, text: str) -> str:
        """(K) Any text above a good signature of it."""
        message = text.encode("utf-8", "surrogatepass")
        return f"{text}.{part(sign(self.key.algorithm, self.key.private, message))}"

    def with_claims(self, **changes: object) -> str:
        """(K) The honest claims but for these."""
        claims = self.payload | changes
        return self.signed(payload={name: value for name, value in claims.items() if value is not GONE})

    def by(self, key: bytes | PrivateKey, algorithm: str, header: object = None, payload: object = None) -> str:
        """A token that somebody else's key signed."""
        text = ".".join(self._parts(header if header is not None else self.header | {"alg": algorithm}, payload))
        return f"{text}.{part(sign(algorithm, key, text.encode()))}"

    def room(self) -> int:
        """How many bytes a payload may have before a token of this key is too long to be read at all."""
        return (4096 - len(self.parts[0]) - len(self.parts[2]) - 2) * 3 // 4

    def _parts(self, header: object, payload: object) -> tuple[str, str]:
        return (
            self.parts[0] if header is None else part(header),
            self.parts[1] if payload is None else part(payload),
        )


@dataclass(frozen=True)
class Row:
    """One numbered row of the table of attacks: its forgeries, and the rings whose keys it makes sense for."""

    number: int
    name: str
    rings: tuple[str, ...]
    forge: Callable[[Target], Iterator[Forgery]]

    def __str__(self) -> str:
        return f"{self.number:02d}-{self.name}"


def row(
    number: int, name: str, rings: tuple[str, ...] = RINGS
) -> Callable[[Callable[[Target], Iterator[Forgery]]], Row]:
    """Make a row of the function that yields its forgeries."""
    return lambda forge: Row(number, name, rings, forge)


def member(name: str, value: object) -> bytes:
    """One member of a JSON object, as it stands in its text: `"exp":1`."""
    return to_json({name: value})[1:-1]


def sign(algorithm: str, key: bytes | PrivateKey, message: bytes) -> bytes:
    """The signature of RFC 7518 section 3, by whatever key is given."""
    if isinstance(key, bytes):
        return hmac.digest(key, message, f"sha{algorithm[2:]}")
    if isinstance(key, rsa.RSAPrivateKey):
        sha = SHA2[algorithm[2:]]
        pss = padding.PSS(padding.MGF1(sha), sha.digest_size)
        return key.sign(message, pss if algorithm.startswith("PS") else padding.PKCS1v15(), sha)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return pair(*decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256()))))
    return key.sign(message)


def pair(r: int, s: int, size: int = 32) -> bytes:
    """An ECDSA signature as JWS writes it: both numbers, one after the other."""
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@cache
def strangers() -> dict[str, PrivateKey]:
    """The attacker's own keys, one for each algorithm."""
    return {
        "RS256": rsa.generate_private_key(65537, 2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }
