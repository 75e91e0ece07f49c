"""Private and public keys as a JSON Web Key (RFC 7517; RFC 7518 section 6, RFC 8037 section 2).

Like in `pem`, sizes are limited before anything is computed with the numbers.
"""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from daypass.lab.playground import pem
from daypass.lab.playground.algorithms import Kind
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.pem import PrivateKey, PublicKey
from daypass.tokens.base64url import InvalidBase64url, decode_base64url
from daypass.tokens.strict_json import InvalidJson, parse_object

CURVES: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
MAX_BYTES = pem.RSA_MAX_BITS // 8  # of any member
PRIVATE_RSA = ("p", "q", "d", "dp", "dq", "qi")


def load(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """Load a key. It is private if it has a member `d`. Raises LabError if its kind or size does not suit."""
    members = _members(text)
    try:
        key = _key(members)
    except (ValueError, TypeError):
        raise LabError("The numbers of this JWK are not a valid key.", "key") from None
    return pem.checked(key, kind)


def _members(text: str) -> dict[str, Any]:
    try:
        members = parse_object(text)
    except InvalidJson as error:
        raise LabError(f"This looks like a JWK. {error}", "key") from None
    if "keys" in members:
        raise LabError("This is a set of keys (JWK Set). Enter one of the keys in it.", "key")
    return members


def _key(members: dict[str, Any]) -> PrivateKey | PublicKey:
    match members.get("kty"), members.get("crv"):
        case "RSA", _:
            return _rsa(members)
        case "EC", str(name) if name in CURVES:
            return _elliptic(members, CURVES[name])
        case "OKP", "Ed25519":
            return _ed25519(members)
        case "oct", _:
            raise LabError("This JWK is a secret (“oct”), which only HS algorithms use.", "key")
    raise LabError("The lab knows JWKs of RSA, of EC with P-256 or P-384, and of Ed25519.", "key")


def _rsa(members: dict[str, Any]) -> PrivateKey | PublicKey:
    public = rsa.RSAPublicNumbers(e=_number(members, "e"), n=_number(members, "n"))
    pem.check_rsa_size(public)
    if "d" not in members:
        return public.public_key()
    p, q, d, dp, dq, qi = (_number(members, name) for name in PRIVATE_RSA)
    return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public).private_key()


def _elliptic(members: dict[str, Any], curve: ec.EllipticCurve) -> PrivateKey | PublicKey:
    public = ec.EllipticCurvePublicNumbers(_number(members, "x"), _number(members, "y"), curve)
    if "d" not in members:
        return public.public_key()
    return ec.EllipticCurvePrivateNumbers(_number(members, "d"), public).private_key()


def _ed25519(members: dict[str, Any]) -> PrivateKey | PublicKey:
    if "d" in members:
        return ed25519.Ed25519PrivateKey.from_private_bytes(_bytes(members, "d"))
    return ed25519.Ed25519PublicKey.from_public_bytes(_bytes(members, "x"))


def _number(members: dict[str, Any], name: str) -> int:
    return int.from_bytes(_bytes(members, name))


def _bytes(members: dict[str, Any], name: str) -> bytes:
    """A member as bytes. Raises LabError if it is missing, too long, or not base64url."""
    value = members.get(name)
    if not isinstance(value, str):
        raise LabError(f"This JWK lacks the member “{name}”.", "key")
    try:
        raw = decode_base64url(value)
    except InvalidBase64url as error:
        raise LabError(f"The member “{name}” of this JWK is not base64url. {error}", "key") from None
    if len(raw) > MAX_BYTES:
        raise LabError(f"The member “{name}” of this JWK is too long.", "key")
    return raw
