"""Signing keys and the ring that holds them.

A key belongs to exactly one algorithm (RFC 8725 section 3.1), so a token can never choose how it is checked.
Algorithms and sizes: RFC 7518 section 3, RFC 8037. Private parts at rest: Fernet, under a key from HKDF (RFC 5869).
"""

import base64
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from daypass.errors import SettingsError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

RSA_BITS = 3072  # 128-bit strength, NIST SP 800-57 table 2
RSA_EXPONENT = 65537


class Algorithm(StrEnum):
    """The algorithms that a key may have (RFC 7518, RFC 8037)."""

    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"
    RS256 = "RS256"
    PS256 = "PS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"


SIGNATURE_BITS = {
    Algorithm.HS256: 256,
    Algorithm.HS384: 384,
    Algorithm.HS512: 512,
    Algorithm.ES256: 512,
    Algorithm.EDDSA: 512,
}
SECRET_BYTES = {Algorithm.HS256: 32, Algorithm.HS384: 48, Algorithm.HS512: 64}


@dataclass(frozen=True)
class SigningKey:
    """One key: its id, its one algorithm, and the secret (bytes, for HMAC) or private key object.

    What it signed after it was retired is not ours, whoever signed it.
    """

    kid: str
    algorithm: Algorithm
    private: bytes | PrivateKey = field(repr=False)
    retired_at: datetime | None = None

    @property
    def signature_bits(self) -> int:
        """How long its signatures are."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.key_size
        return SIGNATURE_BITS[self.algorithm]

    @property
    def public(self) -> bytes | PublicKey:
        """What verifies: the public half of a pair, or the same secret for HMAC."""
        return self.private if isinstance(self.private, bytes) else self.private.public_key()


class KeyRing:
    """All keys that verify; the first one also signs. Immutable: another ring takes its place."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = tuple(keys)
        if not self._keys:
            raise ValueError("a ring needs a key to sign with")
        self._by_kid = {key.kid: key for key in self._keys}
        self._verifiers = {key.kid: key.public for key in self._keys}

    @property
    def signing(self) -> SigningKey:
        """The key that signs new tokens."""
        return self._keys[0]

    def find(self, kid: str) -> SigningKey | None:
        """The key of this id, or None."""
        return self._by_kid.get(kid)

    def verifier(self, kid: str) -> bytes | PublicKey:
        """What verifies a signature of the key of this id; loaded once, since loading costs more than verifying."""
        return self._verifiers[kid]

    def retired_at(self, kid: str) -> datetime | None:
        """When the key of this id stopped signing; None for one that signs, or that is not here."""
        key = self.find(kid)
        return key.retired_at if key else None

    def __iter__(self) -> Iterator[SigningKey]:
        return iter(self._keys)


class RingHolder(Protocol):
    """Whoever knows which keys are in force."""

    @property
    def ring(self) -> KeyRing:
        """The keys in force at this moment."""


def generate(algorithm: Algorithm) -> SigningKey:
    """A new random key of the least size that is safe for the algorithm."""
    return SigningKey(secrets.token_hex(8), algorithm, _new_private(algorithm))


def _new_private(algorithm: Algorithm) -> bytes | PrivateKey:
    match algorithm:
        case Algorithm.HS256 | Algorithm.HS384 | Algorithm.HS512:
            return secrets.token_bytes(SECRET_BYTES[algorithm])
        case Algorithm.RS256 | Algorithm.PS256:
            return rsa.generate_private_key(RSA_EXPONENT, RSA_BITS)
        case Algorithm.ES256:
            return ec.generate_private_key(ec.SECP256R1())
        case Algorithm.EDDSA:
            return ed25519.Ed25519PrivateKey.generate()


def seal(key: SigningKey, secret_key: str) -> bytes:
    """The private part, encrypted under SECRET_KEY: a leaked backup of the database cannot mint tokens."""
    return _box(secret_key).encrypt(_private_bytes(key.private))


def unseal(kid: str, algorithm: str, sealed: bytes, *secret_keys: str) -> SigningKey:
    """The key that `seal` put away, under any of these. Raises SettingsError where none opens it or it is unsound."""
    try:
        private = _load_private(Algorithm(algorithm), MultiFernet(map(_box, secret_keys)).decrypt(sealed))
    except InvalidToken:
        raise SettingsError(
            "DAYPASS_SECRET_KEY is not the one that the signing keys in the database were encrypted with, "
            "nor is any of DAYPASS_SECRET_KEY_FALLBACKS."
        ) from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"The signing key {kid} in the database cannot be used: {error}.") from None
    return SigningKey(kid, Algorithm(algorithm), private)


def _box(secret_key: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"daypass signing keys").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _private_bytes(private: bytes | PrivateKey) -> bytes:
    if isinstance(private, bytes):
        return private
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_private(algorithm: Algorithm, raw: bytes) -> bytes | PrivateKey:
    """Load and hold to the algorithm's kind and size (RFC 8725 section 3.5): a wrong key is refused, not used."""
    if algorithm in SECRET_BYTES:
        if len(raw) < SECRET_BYTES[algorithm]:
            raise ValueError(f"an {algorithm} secret needs {SECRET_BYTES[algorithm]} bytes")
        return raw
    private = serialization.load_der_private_key(raw, password=None)
    match algorithm, private:
        case ((Algorithm.RS256 | Algorithm.PS256), rsa.RSAPrivateKey()) if _sound_rsa(private):
            return private
        case Algorithm.ES256, ec.EllipticCurvePrivateKey() if isinstance(private.curve, ec.SECP256R1):
            return private
        case Algorithm.EDDSA, ed25519.Ed25519PrivateKey():
            return private
    raise ValueError(f"the key is not one for {algorithm}")


def _sound_rsa(private: rsa.RSAPrivateKey) -> bool:
    return private.key_size >= RSA_BITS and private.public_key().public_numbers().e == RSA_EXPONENT
