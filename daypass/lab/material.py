"""Keys as text: made for a visitor, or loaded from what was typed. Never the app's.

A secret is the text itself, in UTF-8; bytes that are no text are typed as a JWK, {"kty": "oct", "k": base64url}
(RFC 7518 section 6.4). A key of a pair is PEM. What is typed is bounded before anything is computed with it.
"""

import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from daypass.lab.algorithms import KINDS, SECRET_BYTES, Algorithm, Kind

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

LONGEST = 8192  # characters
RSA_LEAST, RSA_MOST = 2048, 4096  # bits
RSA_MADE = 2048  # bits: quick to make, and a key of the lab guards nothing
EXPONENT = 65537


@dataclass(frozen=True)
class Made:
    """A new key as text: what signs, and what verifies. For HMAC both are the same secret."""

    private: str
    public: str


def make(algorithm: Algorithm) -> Made:
    """A new random key for this algorithm.

    RSA takes a good part of a second, so whoever asks for one is held to one per second, over all processes:
    `chores.claim(db, "key " + account_id[:28], timedelta(seconds=1))` before this is called.
    """
    match KINDS[algorithm]:
        case Kind.SHARED:
            secret = secrets.token_urlsafe(SECRET_BYTES[algorithm])
            return Made(secret, secret)
        case Kind.RSA:
            return _pair(rsa.generate_private_key(EXPONENT, RSA_MADE))
        case Kind.P256:
            return _pair(ec.generate_private_key(ec.SECP256R1()))
        case Kind.P384:
            return _pair(ec.generate_private_key(ec.SECP384R1()))
        case Kind.ED25519:
            return _pair(ed25519.Ed25519PrivateKey.generate())


def load_private(text: str, algorithm: Algorithm) -> bytes | PrivateKey:
    """What signs: a secret as bytes, or a private key. Raises LabError for a key that does not fit."""
    raise NotImplementedError


def load_public(text: str, algorithm: Algorithm) -> bytes | PublicKey:
    """What verifies: a secret as bytes, or a public key; of a private PEM, its public half.

    Raises LabError for a key that does not fit.
    """
    raise NotImplementedError


def public_text(text: str, algorithm: Algorithm) -> str:
    """The public half of a typed key as PEM; a secret as it was typed. Raises LabError as `load_public` does."""
    raise NotImplementedError


def warning(text: str, algorithm: Algorithm) -> str:
    """A sentence on a secret that is short enough to be guessed, or an empty one. Such a secret still signs here."""
    raise NotImplementedError


def _pair(private: PrivateKey) -> Made:
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Made(pem.decode(), _public_pem(private.public_key()))


def _public_pem(public: PublicKey) -> str:
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
