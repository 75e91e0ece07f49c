"""Keys of a pair in PEM (RFC 7468), held to bounds before anything is computed with them.

A typed key is hostile: checking an RSA key whose prime is too long takes minutes, and so does loading one of a kind
that brings long parameters of its own (DSA, DH).
"""

import base64
import re

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from daypass.lab.playground.algorithms import Kind
from daypass.lab.playground.errors import LabError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

RSA_MIN_BITS, RSA_MAX_BITS = 2048, 3072  # bits: to check one of 4096 takes up to a second
EXPONENT_BITS = 33  # with a longer public exponent, verifying costs as much as signing
BLOCK = re.compile(
    r"-----BEGIN (?P<label>(?:RSA |EC )?(?P<half>PRIVATE|PUBLIC) KEY)-----(?P<body>.*?)-----END (?P=label)-----",
    re.DOTALL,
)
# the algorithm is named in 127 bytes at most (PKCS #8, SubjectPublicKeyInfo), or not named at all (PKCS #1, SEC 1)
SHORT = re.compile(
    rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)(?:\x02\x01[\x00\x01])?+(?:[\x02\x04]|\x30[\x00-\x7f]\x06)", re.DOTALL
)


def load(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """The first key in the text. Raises LabError unless it is of this kind, and of a size that the lab works with."""
    if "ENCRYPTED" in text:
        raise LabError("This key is locked by a password. The lab takes keys that are not.", "key")
    block = BLOCK.search(text)
    if block is None:
        raise LabError(f"This algorithm needs {kind}, in PEM: lines from -----BEGIN to -----END.", "key")
    key = _from_der(_to_der(block["body"]), private=block["half"] == "PRIVATE")
    if _kind(key) is not kind:
        raise LabError(f"This algorithm needs {kind}, and this is another kind of key.", "key")
    return key


def from_private(private: PrivateKey) -> str:
    """PKCS #8 in PEM, without a password."""
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode()


def from_public(public: PublicKey) -> str:
    """SubjectPublicKeyInfo in PEM."""
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _to_der(body: str) -> bytes:
    try:
        der = base64.b64decode("".join(body.split()), validate=True)
    except ValueError:
        raise LabError("The lines between -----BEGIN and -----END are not base64.", "key") from None
    if not SHORT.match(der):
        raise _unreadable()
    return der


def _from_der(der: bytes, *, private: bool) -> PrivateKey | PublicKey:
    try:
        if not private:
            return _bounded(serialization.load_der_public_key(der))
        return _bounded(serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True))
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError):
        raise _unreadable() from None


def _bounded(key: object) -> PrivateKey | PublicKey:
    """The key, which is checked only after its numbers were found to be of a size that is quick to check."""
    match key:
        case rsa.RSAPrivateKey():
            numbers = key.private_numbers()
            _check_size(numbers.public_numbers)  # which bounds the primes too: they are first seen to be its factors
            return numbers.private_key()
        case rsa.RSAPublicKey():
            _check_size(key.public_numbers())
            return key
        case ec.EllipticCurvePrivateKey() | ec.EllipticCurvePublicKey():
            return key
        case ed25519.Ed25519PrivateKey() | ed25519.Ed25519PublicKey():
            return key
    raise LabError("The lab has no use for a key of this kind.", "key")


def _check_size(numbers: rsa.RSAPublicNumbers) -> None:
    if not RSA_MIN_BITS <= numbers.n.bit_length() <= RSA_MAX_BITS:
        raise LabError(f"The lab takes RSA keys of {RSA_MIN_BITS} to {RSA_MAX_BITS} bits.", "key")
    if numbers.e.bit_length() > EXPONENT_BITS:
        raise LabError("The public exponent of this RSA key is too long. It is 65537 in most keys.", "key")


def _kind(key: PrivateKey | PublicKey) -> Kind | None:
    match key:
        case rsa.RSAPrivateKey() | rsa.RSAPublicKey():
            return Kind.RSA
        case ec.EllipticCurvePrivateKey() | ec.EllipticCurvePublicKey():
            return {"secp256r1": Kind.P256, "secp384r1": Kind.P384}.get(key.curve.name)
    return Kind.ED25519


def _unreadable() -> LabError:
    return LabError("This is not a sound key in PEM. Part of it may be missing.", "key")
