"""A verifier with the mistakes that attacks hope for, to show that they would succeed without the real one's checks."""

import base64
from collections.abc import Iterator
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.forging import part_bytes, read_part
from daypass.tokens.errors import InvalidToken


def verify(text: str, ring: KeyRing, issuer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A replacement for `codec._verify`: the token chooses key and algorithm; extensions in its header are ignored."""
    signing_input, _, signature = text.rpartition(".")
    header, payload = (read_part(part) for part in signing_input.split("."))
    key, algorithm = ring.find(header["kid"]), jwt.get_algorithm_by_name(header["alg"])
    if key is None:
        raise InvalidToken("no such key")
    message, raw = signing_input.encode(), part_bytes(signature)
    if not any(algorithm.verify(message, candidate, raw) for candidate in _keys(header, key)):
        raise InvalidToken("wrong signature")
    return header, payload


def _keys(header: dict[str, Any], key: SigningKey) -> Iterator[Any]:
    """The keys that the header asks for: a certificate's, or for HMAC the text of the public key."""
    public = key.public
    if "x5c" in header:
        yield x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0])).public_key()
    elif header["alg"] == "HS256" and isinstance(public, rsa.RSAPublicKey):
        for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
            yield public.public_bytes(Encoding.PEM, form)
    else:
        yield public
