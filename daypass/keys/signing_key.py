"""Signing keys. Each has exactly one algorithm (RFC 8725 section 3.1), so a token never chooses how it is verified."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from daypass.keys.algorithms import RSA_BITS, RSA_EXPONENT, SECRET_BYTES, SIGNATURE_BITS, Algorithm

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True)
class SigningKey:
    """A key: its id, its one algorithm, and its secret (bytes, for HMAC) or private key.

    Tokens issued after the key was retired are rejected, even with a valid signature.
    """

    kid: str
    algorithm: Algorithm
    private: bytes | PrivateKey = field(repr=False)
    retired_at: datetime | None = None

    @property
    def signature_bits(self) -> int:
        """The length of its signatures."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.key_size
        return SIGNATURE_BITS[self.algorithm]

    @property
    def public(self) -> bytes | PublicKey:
        """The key that verifies: the public half, or for HMAC the secret itself."""
        return self.private if isinstance(self.private, bytes) else self.private.public_key()


def generate(algorithm: Algorithm) -> SigningKey:
    """Generate a key of the minimum safe size. Raises ValueError for an algorithm that signing keys may not have."""
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
    raise ValueError(f"{algorithm} is not an algorithm for signing keys")
