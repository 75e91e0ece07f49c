"""Private and public keys in PEM (RFC 7468), whose size is limited before anything is computed with them.

A key that a visitor enters may be hostile: checking an RSA key with an oversized prime takes minutes, and so does
loading a key with long parameters (DSA, DH).
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

RSA_MIN_BITS, RSA_MAX_BITS = 2048, 3072  # bits: checking a key of 4096 bits takes up to a second
EXPONENT_BITS = 33  # a longer public exponent makes verifying as slow as signing
BLOCK = re.compile(
    r"-----BEGIN (?P<label>(?:RSA |EC )?(?P<half>PRIVATE|PUBLIC) KEY)-----(?P<body>[^-]*+)-----END (?P=label)-----"
)
# the algorithm identifier has at most 127 bytes (PKCS #8, SubjectPublicKeyInfo), or is absent (PKCS #1, SEC 1)
SHORT_ALGORITHM = re.compile(
    rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)(?:\x02\x01[\x00\x01])?+(?:[\x02\x04]|\x30[\x00-\x7f]\x06)", re.DOTALL
)
VERSION_FIRST = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01", re.DOTALL)
FROM_BASE64URL = str.maketrans("-_", "+/")


def load(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """Load the first key in the text. Raises LabError if its kind or size does not suit."""
    if "ENCRYPTED" in text:
        raise LabError("This key is encrypted with a password. The lab accepts only unencrypted keys.", "key")
    block = BLOCK.search(text.replace("\\n", "\n"))  # a key from a JSON or .env file has escaped line breaks
    if block is None:
        raise _missing(kind)
    return checked(_from_der(_to_der(block["body"]), private=block["half"] == "PRIVATE"), kind)


def load_bare(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """Load a key that is PEM without its first and last line, in base64 or base64url.

    Raises LabError, like `load`.
    """
    try:
        der = _to_der(text.translate(FROM_BASE64URL))
    except LabError:
        raise _missing(kind) from None
    # PKCS #8 begins with a version, SubjectPublicKeyInfo with an algorithm
    return checked(_from_der(der, private=VERSION_FIRST.match(der) is not None), kind)


def checked(key: PrivateKey | PublicKey, kind: Kind) -> PrivateKey | PublicKey:
    """Return the key. Raises LabError if it is of another kind."""
    found = _kind(key)
    if found is not kind:
        raise LabError(f"This algorithm needs {kind}, but this is {found or 'another kind of key'}.", "key")
    return key


def from_private(private: PrivateKey) -> str:
    """The private key as PEM: PKCS #8, unencrypted."""
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode()


def from_public(public: PublicKey) -> str:
    """The public key as PEM: SubjectPublicKeyInfo."""
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _to_der(body: str) -> bytes:
    try:
        base64_text = "".join(body.split())
        der = base64.b64decode(base64_text + "=" * (-len(base64_text) % 4), validate=True)
    except ValueError:
        raise LabError("The lines between -----BEGIN and -----END are not base64.", "key") from None
    if not SHORT_ALGORITHM.match(der):
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
    """The key, validated after its size was checked, so that validation is quick."""
    match key:
        case rsa.RSAPrivateKey():
            numbers = key.private_numbers()
            check_rsa_size(numbers.public_numbers)  # limits the primes too, which must be factors of n
            return numbers.private_key()
        case rsa.RSAPublicKey():
            check_rsa_size(key.public_numbers())
            return key
        case ec.EllipticCurvePrivateKey() | ec.EllipticCurvePublicKey():
            return key
        case ed25519.Ed25519PrivateKey() | ed25519.Ed25519PublicKey():
            return key
    raise LabError("The lab does not support this kind of key.", "key")


def check_rsa_size(numbers: rsa.RSAPublicNumbers) -> None:
    """Raise LabError for an RSA key that is too small to be safe, or too large to be checked quickly."""
    if not RSA_MIN_BITS <= numbers.n.bit_length() <= RSA_MAX_BITS:
        raise LabError(f"The lab accepts RSA keys of {RSA_MIN_BITS} to {RSA_MAX_BITS} bits.", "key")
    if numbers.e.bit_length() > EXPONENT_BITS:
        raise LabError("The public exponent of this RSA key is too long. Most keys have 65537.", "key")


def _kind(key: PrivateKey | PublicKey) -> Kind | None:
    match key:
        case rsa.RSAPrivateKey() | rsa.RSAPublicKey():
            return Kind.RSA
        case ec.EllipticCurvePrivateKey() | ec.EllipticCurvePublicKey():
            return {"secp256r1": Kind.P256, "secp384r1": Kind.P384}.get(key.curve.name)
    return Kind.ED25519


def _missing(kind: Kind) -> LabError:
    return LabError(f"This algorithm needs {kind} in PEM format: the lines from -----BEGIN to -----END.", "key")


def _unreadable() -> LabError:
    return LabError("This is not a valid PEM key. Part of it may be missing.", "key")
