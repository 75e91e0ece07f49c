"""Keys as text: generated for a visitor, or entered by one. Never the app's own keys.

A secret is the text itself, in UTF-8. A secret that is not text is entered as a JWK, {"kty": "oct", "k": base64url}
(RFC 7518 section 6.4). A private or public key is loaded by `key_loading`.
"""

import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import InvalidKeyError

from daypass.keys.algorithms import SECRET_BYTES, Algorithm, is_shared
from daypass.lab.playground import key_loading, pem, secret_strength
from daypass.lab.playground.algorithms import KINDS, Kind
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.pem import PrivateKey, PublicKey
from daypass.tokens.base64url import InvalidBase64url, decode_base64url
from daypass.tokens.strict_json import InvalidJson, compact, parse_object

MAX_KEY_LENGTH = 8192  # characters
RSA_BITS = 2048  # bits: quick to generate, and keys of the lab protect nothing
RSA_EXPONENT = 65537
TO_BASE64URL = str.maketrans("+/", "-_")


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


def suits(text: str, algorithm: Algorithm) -> bool:
    """Whether the key can be used with this algorithm, and nothing is wrong with its strength."""
    try:
        return not remarks(text, algorithm) if is_shared(algorithm) else bool(load_public(text, algorithm))
    except LabError:
        return False


def can_sign(text: str, algorithm: Algorithm) -> bool:
    """Whether the key can sign with this algorithm."""
    try:
        load_private(text, algorithm)
    except LabError:
        return False
    return True


def secret_in_base64url(text: str) -> str:
    """The JWK of a secret that was entered in base64url or base64. Raises LabError if it was not."""
    k = "".join(text.split()).rstrip("=").translate(TO_BASE64URL)
    try:
        decode_base64url(k)
    except InvalidBase64url as error:
        raise LabError(f"The secret is not base64url. {error}", "key") from None
    return compact({"kty": "oct", "k": k})


def as_pyjwt(text: str, algorithm: Algorithm) -> bytes | str:
    """The key as PyJWT takes it: a secret as text, or as bytes if it was entered as a JWK; another key as PEM.

    Raises LabError if it is neither a secret nor a key for this algorithm.
    """
    if is_shared(algorithm):
        raw = _from_jwk(text)
        return text if raw is None else raw
    if "-----BEGIN" in text:
        return text.replace("\\n", "\n")
    key = key_loading.load(text, KINDS[algorithm])
    return pem.from_public(key) if isinstance(key, PublicKey) else pem.from_private(key)


def remarks(text: str, algorithm: Algorithm) -> tuple[str, ...]:
    """Sentences about a weak secret. Raises LabError if it cannot be used."""
    return secret_strength.remarks(_load_secret(text), algorithm) if is_shared(algorithm) else ()


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
