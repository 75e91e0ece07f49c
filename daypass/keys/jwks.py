"""The public halves of the key ring as a JWK Set (RFC 7517)."""

from typing import Any

import jwt

from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import SigningKey

PUBLIC_MEMBERS = {"kty", "n", "e", "crv", "x", "y"}  # of a JWK (RFC 7518 section 6, RFC 8037 section 2)


def jwk_set(ring: KeyRing) -> dict[str, list[dict[str, Any]]]:
    """Return the JWK Set (RFC 7517 section 5). HMAC keys have no public half, so they are left out."""
    return {"keys": [_jwk(key) for key in ring if not isinstance(key.private, bytes)]}


def _jwk(key: SigningKey) -> dict[str, Any]:
    members = jwt.get_algorithm_by_name(key.algorithm.value).to_jwk(key.public, as_dict=True)
    public = {name: value for name, value in members.items() if name in PUBLIC_MEMBERS}
    return public | {"kid": key.kid, "alg": key.algorithm.value, "use": "sig"}
