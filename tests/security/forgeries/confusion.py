"""HMAC tokens with a public secret, such as a public key (CVE-2022-29217)."""

import base64
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from daypass.keys.signing_key import PublicKey
from daypass.lab.attacks.forging import part, to_json
from tests.security.forging import WITH_PUBLIC_KEYS, Forgery, Target, row

HMACS = ("HS256", "HS384", "HS512")


@row(10, "public-key-as-hmac-secret", WITH_PUBLIC_KEYS)
def public_key_as_secret(target: Target) -> Iterator[Forgery]:
    for name, secret in _encodings(target).items():
        for alg in HMACS:
            yield Forgery(f"{name}-{alg}", target.signed_by(secret, alg))


@row(11, "hmac-under-an-asymmetric-alg", WITH_PUBLIC_KEYS)
def hmac_under_an_asymmetric_alg(target: Target) -> Iterator[Forgery]:
    for name, secret in _encodings(target).items():
        yield Forgery(name, target.signed_by(secret, "HS256", target.header))


@row(14, "well-known-secret")
def well_known_secret(target: Target) -> Iterator[Forgery]:
    known: dict[str, bytes] = {
        "empty": b"",
        "zeros": bytes(32),
        "one-zero": b"\0",
        "kid": target.key.kid.encode(),
        "alg": target.header["alg"].encode(),
        "iss": target.payload["iss"].encode(),
        "sub": target.payload["sub"].encode(),
        "sid": target.payload["sid"].encode(),
        "name": target.payload["name"].encode(),
        "header": to_json(target.header),
        "payload": to_json(target.payload),
        "payload-part": target.parts[1].encode(),
        "signature": target.signature,
        "null": b"null",
        "None": b"None",
        "undefined": b"undefined",
        "object": b"[object Object]",
        "secret": b"secret",
        "daypass": b"daypass",
    }
    for name, secret in known.items():
        for alg in ("HS256", "HS512"):
            yield Forgery(f"{name}-{alg}", target.signed_by(secret, alg))
        if target.key.algorithm != "HS256":
            yield Forgery(f"{name}-alg-kept", target.signed_by(secret, "HS256", target.header))


def _encodings(target: Target) -> dict[str, bytes]:
    """The public key in every form in which a program may hold it."""
    public = target.key.public
    if isinstance(public, bytes):
        raise TypeError("an HMAC secret has no public half")
    return _as_text(public) | _as_bytes(public)


def _as_text(public: PublicKey) -> dict[str, bytes]:
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = public_jwk(public)
    texts = {
        "pem": pem,
        "pem-without-last-newline": pem.rstrip(b"\n"),
        "pem-with-crlf": pem.replace(b"\n", b"\r\n"),
        "pem-in-one-line": b"".join(pem.splitlines()),
        "pem-body": b"".join(pem.splitlines()[1:-1]),
        "pem-with-nul": pem + b"\0",
        "pem-with-escaped-newlines": pem.replace(b"\n", rb"\n"),
        "openssh": public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "jwk": to_json(jwk),
        "jwk-in-python": str(jwk).encode(),
        "jwk-set": to_json({"keys": [jwk]}),
    }
    if isinstance(public, rsa.RSAPublicKey):
        texts["pem-pkcs1"] = public.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    return texts


def _as_bytes(public: PublicKey) -> dict[str, bytes]:
    raw = {"der": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)} | _numbers(public)
    spelled = {}
    for name, value in raw.items():
        spelled[name] = value
        spelled[f"{name}-hex"] = value.hex().encode()
        spelled[f"{name}-base64"] = base64.b64encode(value)
        spelled[f"{name}-base64url"] = part(value).encode()
    return spelled


def _numbers(public: PublicKey) -> dict[str, bytes]:
    if isinstance(public, rsa.RSAPublicKey):
        modulus = public.public_numbers().n
        return {
            "der-pkcs1": public.public_bytes(Encoding.DER, PublicFormat.PKCS1),
            "modulus": modulus.to_bytes(public.key_size // 8, "big"),
            "modulus-in-digits": f"{modulus:x}".encode(),
        }
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "point": point,
            "point-compressed": public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint),
            "x-and-y": point[1:],
            "x": point[1:33],
        }
    return {"raw": public.public_bytes(Encoding.Raw, PublicFormat.Raw)}


def public_jwk(public: PublicKey, **more: Any) -> dict[str, Any]:
    """A public key as a JWK (RFC 7517)."""
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        size = public.key_size // 8
        return {"kty": "RSA", "n": part(numbers.n.to_bytes(size, "big")), "e": "AQAB"} | more
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"kty": "EC", "crv": "P-256", "x": part(point[1:33]), "y": part(point[33:])} | more
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": part(raw)} | more
