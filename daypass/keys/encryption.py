"""Encryption of private keys at rest: Fernet, under a key derived from SECRET_KEY by HKDF (RFC 5869)."""

import base64
from collections.abc import Iterable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from daypass.keys.algorithms import RSA_BITS, RSA_EXPONENT, SECRET_BYTES, Algorithm, signing_algorithm
from daypass.keys.errors import UnreadableKey
from daypass.keys.signing_key import PrivateKey, SigningKey

PURPOSE = b"daypass signing keys"


def encrypt_private(key: SigningKey, secret_key: str) -> bytes:
    """Encrypt the private part under SECRET_KEY, so that a leaked backup of the database cannot sign tokens."""
    return fernet([secret_key], PURPOSE).encrypt(_private_bytes(key.private))


def decrypt_key(kid: str, algorithm: str, sealed: bytes, *secret_keys: str) -> SigningKey:
    """Decrypt the result of `encrypt_private` with any of these secret keys.

    Raises UnreadableKey if none of them decrypts it, or if the key is unsafe for its algorithm.
    """
    try:
        private = _load_private(signing_algorithm(algorithm), fernet(secret_keys, PURPOSE).decrypt(sealed))
    except InvalidToken:
        raise UnreadableKey(
            "The signing keys in the database were encrypted with a secret key that is neither DAYPASS_SECRET_KEY "
            "nor one of DAYPASS_SECRET_KEY_FALLBACKS."
        ) from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnreadableKey(f"The signing key {kid} in the database cannot be used: {error}.") from None
    return SigningKey(kid, Algorithm(algorithm), private)


def fernet(secret_keys: Iterable[str], purpose: bytes) -> MultiFernet:
    """Return a Fernet whose keys are derived from secret keys for one purpose. The first encrypts, all decrypt."""
    return MultiFernet(_fernet(secret_key, purpose) for secret_key in secret_keys)


def _fernet(secret_key: str, purpose: bytes) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _private_bytes(private: bytes | PrivateKey) -> bytes:
    if isinstance(private, bytes):
        return private
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_private(algorithm: Algorithm, raw: bytes) -> bytes | PrivateKey:
    """Load a private key. Raises ValueError if its type or size does not fit the algorithm (RFC 8725 section 3.5)."""
    if algorithm in SECRET_BYTES:
        if len(raw) < SECRET_BYTES[algorithm]:
            raise ValueError(f"an {algorithm} secret needs {SECRET_BYTES[algorithm]} bytes")
        return raw
    private = serialization.load_der_private_key(raw, password=None)
    match algorithm, private:
        case ((Algorithm.RS256 | Algorithm.PS256), rsa.RSAPrivateKey()) if _is_strong_rsa(private):
            return private
        case Algorithm.ES256, ec.EllipticCurvePrivateKey() if isinstance(private.curve, ec.SECP256R1):
            return private
        case Algorithm.EDDSA, ed25519.Ed25519PrivateKey():
            return private
    raise ValueError(f"the key does not fit {algorithm}")


def _is_strong_rsa(private: rsa.RSAPrivateKey) -> bool:
    return private.key_size >= RSA_BITS and private.public_key().public_numbers().e == RSA_EXPONENT
