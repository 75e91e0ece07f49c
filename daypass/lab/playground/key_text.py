"""Keys as text: generated for a visitor, or entered by one. Never the app's own keys.

A secret is the text itself, in UTF-8. A secret that is not text is entered as a JWK, {"kty": "oct", "k": base64url}
(RFC 7518 section 6.4). A private or public key is PEM, and loaded by `key_loading`.
"""

import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import InvalidKeyError

from daypass.keys.algorithms import SECRET_BYTES, Algorithm, is_shared
from daypass.lab.playground import key_loading, pem
from daypass.lab.playground.algorithms import KINDS, Kind
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.pem import PrivateKey, PublicKey
from daypass.tokens.base64url import InvalidBase64url, decode_base64url
from daypass.tokens.strict_json import InvalidJson, parse_object

MAX_KEY_LENGTH = 8192  # characters
RSA_BITS = 2048  # bits: quick to generate, and keys of the lab protect nothing
RSA_EXPONENT = 65537


@dataclass(frozen=True)
class KeyText:
    """A new key pair as text. For HMAC, private and public are the same secret."""

    private: str
    public: str


def generate(algorithm: Algorithm) -> KeyText:
    """Generate a random key for this algorithm.

    An RSA key can take most of a second, so callers must limit each account to one key per second, over all processes:
    `throttling.interval_claims.claim(db, "key " + account_id[:28], timedelta(seconds=1))`.
    """
    match KINDS[algorithm]:
        case Kind.SHARED:
            secret = secrets.token_urlsafe(SECRET_BYTES[algorithm])
            return KeyText(secret, secret)
        case Kind.RSA:
            return _pair(rsa.generate_private_key(RSA_EXPONENT, RSA_BITS))
        case Kind.P256:
            return _pair(ec.generate_private_key(ec.SECP256R1()))
        case Kind.P384:
            return _pair(ec.generate_private_key(ec.SECP384R1()))
        case Kind.ED25519:
            return _pair(ed25519.Ed25519PrivateKey.generate())


def load_private(text: str, algorithm: Algorithm) -> bytes | PrivateKey:
    """Load the key for signing: a secret as bytes, or a private key. Raises LabError if it does not suit."""
    key = _load(text, algorithm)
    if isinstance(key, PublicKey):
        raise LabError("This is a public key. Only the private key of the pair can sign.", "key")
    return key


def load_public(text: str, algorithm: Algorithm) -> bytes | PublicKey:
    """Load the key for verifying: a secret as bytes, or a public key. A private key is reduced to its public half.

    Raises LabError if the key does not suit the algorithm.
    """
    key = _load(text, algorithm)
    return key.public_key() if isinstance(key, PrivateKey) else key


def public_text(text: str, algorithm: Algorithm) -> str:
    """The public half of a key as PEM; a secret unchanged. Raises LabError, like `load_public`."""
    key = load_public(text, algorithm)
    return text if isinstance(key, bytes) else pem.from_public(key)


def as_pyjwt(text: str, algorithm: Algorithm) -> bytes | str:
    """The key as PyJWT expects it: bytes for a secret entered as a JWK, otherwise the text."""
    raw = _from_jwk(text) if is_shared(algorithm) else None
    return text if raw is None else raw


def warning(text: str, algorithm: Algorithm) -> str:
    """A warning if the secret is short enough to be guessed, otherwise an empty string."""
    if not is_shared(algorithm):
        return ""
    length, minimum = len(_load_secret(text)), SECRET_BYTES[algorithm]
    if length >= minimum:
        return ""
    size = "1 byte" if length == 1 else f"{length} bytes"
    return f"This secret has {size} and can be guessed. {algorithm} needs at least {minimum} (RFC 7518 section 3.2)."


def _load(text: str, algorithm: Algorithm) -> bytes | PrivateKey | PublicKey:
    if len(text) > MAX_KEY_LENGTH:
        raise LabError(f"The key is longer than {MAX_KEY_LENGTH} characters.", "key")
    return _load_secret(text) if is_shared(algorithm) else key_loading.load(text, KINDS[algorithm])


def _load_secret(text: str) -> bytes:
    try:
        return HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(as_pyjwt(text, Algorithm.HS256))
    except InvalidKeyError as error:
        raise LabError(str(error), "key") from None
    except UnicodeEncodeError:
        raise LabError("The key contains characters that are not valid Unicode.", "key") from None


def _from_jwk(text: str) -> bytes | None:
    """The bytes of a secret entered as a JWK; None for any other text."""
    try:
        jwk = parse_object(text)
        return decode_base64url(jwk["k"]) if jwk["kty"] == "oct" else None
    except (InvalidJson, InvalidBase64url, KeyError, AttributeError):
        return None


def _pair(private: PrivateKey) -> KeyText:
    return KeyText(pem.from_private(private), pem.from_public(private.public_key()))
