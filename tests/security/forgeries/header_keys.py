"""Tokens that contain their own key, or a URL to fetch it from (CVE-2018-0114)."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from daypass.keys.signing_key import PrivateKey
from daypass.lab.attacks.forging import part, to_json
from tests.security.forgeries.confusion import public_jwk
from tests.security.forging import Forgery, Target, attacker_keys, row

ATTACKERS_SECRET = b"a secret of the attacker's own, long enough for all"


@row(15, "attacker-key-in-the-header")
def attacker_key_in_the_header(target: Target) -> Iterator[Forgery]:
    keys: dict[str, tuple[bytes | PrivateKey, dict[str, Any]]] = {
        alg: (key, public_jwk(key.public_key())) for alg, key in attacker_keys().items()
    }
    keys["HS256"] = (ATTACKERS_SECRET, {"kty": "oct", "k": part(ATTACKERS_SECRET)})
    for alg, (key, jwk) in keys.items():
        for whose, kid in {"our": target.key.kid, "another": "attacker"}.items():
            header = {"alg": alg, "typ": "JWT", "kid": kid}
            named = jwk | {"kid": kid, "alg": alg, "use": "sig"}
            yield Forgery(f"{alg}-jwk-{whose}-kid", target.signed_by(key, alg, header | {"jwk": named}))
            yield Forgery(f"{alg}-jwks-{whose}-kid", target.signed_by(key, alg, header | {"jwks": {"keys": [named]}}))
            yield Forgery(f"{alg}-without-jwk-{whose}-kid", target.signed_by(key, alg, header))
        yield Forgery(f"{alg}-jwk-without-kid", target.signed_by(key, alg, {"alg": alg, "typ": "JWT", "jwk": jwk}))
        yield Forgery(f"{alg}-jwk-signed-by-us", target.signed(target.header | {"jwk": jwk}))
        yield Forgery(f"{alg}-jwk-as-kid", target.signed_by(key, alg, {"alg": alg, "typ": "JWT", "kid": jwk}))


@row(16, "key-url")
def key_url(target: Target) -> Iterator[Forgery]:
    for name, url in _urls(target.listener).items():
        for alg, key in attacker_keys().items():
            for member in ("jku", "x5u"):
                yield Forgery(
                    f"{member}-{name}-{alg}", target.signed_by(key, alg, target.header | {"alg": alg, member: url})
                )
        yield Forgery(f"jku-{name}-signed-by-us", target.signed(target.header | {"jku": url}))
        yield Forgery(f"x5u-{name}-signed-by-us", target.signed(target.header | {"x5u": url}))


@row(17, "attacker-certificate")
def attacker_certificate(target: Target) -> Iterator[Forgery]:
    for alg, key in attacker_keys().items():
        certificate = _certificate(alg)
        chain = {"x5c": [base64.b64encode(certificate).decode()]}
        prints = {
            "x5t": part(hashlib.sha1(certificate, usedforsecurity=False).digest()),
            "x5t#S256": part(hashlib.sha256(certificate).digest()),
        }
        variants: dict[str, dict[str, Any]] = {"x5c": chain, "x5t": prints, "both": {**chain, **prints}}
        for name, members in variants.items():
            header = target.header | {"alg": alg} | members
            yield Forgery(f"{alg}-{name}", target.signed_by(key, alg, header))
            yield Forgery(f"{alg}-{name}-other-kid", target.signed_by(key, alg, header | {"kid": "attacker"}))
            yield Forgery(f"{alg}-{name}-signed-by-us", target.signed(target.header | members))


@row(18, "url-as-kid-or-issuer")
def url_as_kid_or_issuer(target: Target) -> Iterator[Forgery]:
    issuer = target.listener.removesuffix("/jwks.json")
    for alg, key in attacker_keys().items():
        header = {"alg": alg, "typ": "JWT", "kid": target.listener}
        elsewhere = target.payload | {"iss": issuer}
        yield Forgery(f"{alg}-kid", target.signed_by(key, alg, header))
        yield Forgery(f"{alg}-iss", target.signed_by(key, alg, target.header | {"alg": alg}, elsewhere))
        yield Forgery(f"{alg}-both", target.signed_by(key, alg, header, elsewhere))
    yield Forgery("kid-signed-by-us", target.signed(target.header | {"kid": target.listener}))
    yield Forgery("iss-signed-by-us", target.with_claims(iss=issuer))


def _urls(listener: str) -> dict[str, object]:
    there = listener.removeprefix("http://")
    document = base64.b64encode(to_json({"keys": []})).decode()
    return {
        "plain": listener,
        "userinfo": f"http://127.0.0.1:8000@{there}",
        "fragment": f"{listener}#http://127.0.0.1:8000/",
        "without-scheme": f"//{there}",
        "open-redirect": f"http://127.0.0.1:8000/login?next={listener}",
        "file": "file:///dev/null",
        "data": f"data:application/json;base64,{document}",
        "list": [listener],
    }


@cache
def _certificate(algorithm: str) -> bytes:
    """A self-signed certificate of the attacker's key, in DER."""
    key, now = attacker_keys()[algorithm], datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return built.sign(key, None).public_bytes(Encoding.DER)
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
