"""Keys as text: made for a visitor, or loaded from what was typed. Never the app's.

A secret is the text itself, in UTF-8; bytes that are no text are typed as a JWK, {"kty": "oct", "k": base64url}
(RFC 7518 section 6.4). A key of a pair is PEM, and loaded by `daypass.lab.loading`.
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
RSA_BITS = 2048  # bits: quick to generate, and a key of the lab guards nothing
RSA_EXPONENT = 65537


@dataclass(frozen=True)
class KeyText:
    """A new key as text: what signs, and what verifies. For HMAC both are the same secret."""

    private: str
    public: str


def generate(algorithm: Algorithm) -> KeyText:
    """A new random key for this algorithm.

    RSA takes a good part of a second, so whoever asks for one is held to one per second, over all processes:
    `throttling.interval_claims.claim(db, "key " + account_id[:28], timedelta(seconds=1))` before this is called.
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
    """What signs: a secret as bytes, or a private key. Raises LabError for a key that does not fit."""
    key = _load(text, algorithm)
    if isinstance(key, PublicKey):
        raise LabError("This is the public half of a key pair, and only the private half can sign.", "key")
    return key


def load_public(text: str, algorithm: Algorithm) -> bytes | PublicKey:
    """What verifies: a secret as bytes, or a public key; of a private PEM, its public half.

    Raises LabError for a key that does not fit.
    """
    key = _load(text, algorithm)
    return key.public_key() if isinstance(key, PrivateKey) else key


def public_text(text: str, algorithm: Algorithm) -> str:
    """The public half of a typed key as PEM; a secret as it was typed. Raises LabError as `load_public` does."""
    key = load_public(text, algorithm)
    return text if isinstance(key, bytes) else pem.from_public(key)


def as_pyjwt(text: str, algorithm: Algorithm) -> bytes | str:
    """A typed key as PyJWT takes it: bytes for a secret that was typed as a JWK, else the text as it is."""
    raw = _from_jwk(text) if is_shared(algorithm) else None
    return text if raw is None else raw


def warning(text: str, algorithm: Algorithm) -> str:
    """A sentence on a secret that is short enough to be guessed, or an empty one. Such a secret still signs here."""
    if not is_shared(algorithm):
        return ""
    length, least = len(_load_secret(text)), SECRET_BYTES[algorithm]
    if length >= least:
        return ""
    bytes_ = "1 byte" if length == 1 else f"{length} bytes"
    return f"This secret has {bytes_} and can be guessed. {algorithm} needs {least} (RFC 7518 section 3.2)."


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
        raise LabError("The key holds characters that are not Unicode.", "key") from None


def _from_jwk(text: str) -> bytes | None:
    """The bytes of a secret that is typed as a JWK; None for any other text."""
    try:
        jwk = parse_object(text)
        return decode_base64url(jwk["k"]) if jwk["kty"] == "oct" else None
    except (InvalidJson, InvalidBase64url, KeyError, AttributeError):
        return None


def _pair(private: PrivateKey) -> KeyText:
    return KeyText(pem.from_private(private), pem.from_public(private.public_key()))
