"""What the JWK Set publishes is public, and helps no forger."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.forging import part, part_bytes
from tests.helpers.keys import rotate_keys
from tests.security.forgeries.confusion import hmac_under_an_asymmetric_alg, public_key_as_secret
from tests.security.forgeries.degenerate_rsa import DIGEST_INFO
from tests.security.forging import FORGED, WITH_PUBLIC_KEYS, Target
from tests.security.target_app import CARRIERS, TargetApp, verdicts

PATH = "/.well-known/jwks.json"
MEMBERS = {
    "RS256": {"kty", "kid", "alg", "use", "n", "e"},
    "PS256": {"kty", "kid", "alg", "use", "n", "e"},
    "ES256": {"kty", "kid", "alg", "use", "crv", "x", "y"},
    "EdDSA": {"kty", "kid", "alg", "use", "crv", "x"},
}


def jwk_set(target_app: TargetApp, environ: dict[str, str] | None = None) -> str:
    response = target_app.get(environ or {}, path=PATH)
    assert (response.status_code, response.mimetype) == (200, "application/jwk-set+json")
    return response.text


def public_jwks(target_app: TargetApp) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = json.loads(jwk_set(target_app))["keys"]
    return keys


def secret_numbers(key: SigningKey) -> dict[str, bytes]:
    """Every secret number of a key."""
    if isinstance(key.private, bytes):
        return {"k": key.private}
    if isinstance(key.private, rsa.RSAPrivateKey):
        numbers = key.private.private_numbers()
        names = {"d": numbers.d, "p": numbers.p, "q": numbers.q, "dp": numbers.dmp1, "dq": numbers.dmq1}
        return {name: as_bytes(value) for name, value in (names | {"qi": numbers.iqmp}).items()}
    if isinstance(key.private, ec.EllipticCurvePrivateKey):
        return {"d": key.private.private_numbers().private_value.to_bytes(32, "big")}
    assert isinstance(key.private, ed25519.Ed25519PrivateKey)
    return {"d": key.private.private_bytes_raw()}


def published_secrets(key: SigningKey, text: str) -> list[str]:
    """The names of the key's secret numbers that the text contains."""
    return [name for name, secret in secret_numbers(key).items() for encoded in encodings(secret) if encoded in text]


def as_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def encodings(secret: bytes) -> set[str]:
    """The forms in which a secret could appear in a text."""
    return {part(secret), secret.hex(), str(int.from_bytes(secret, "big"))}


@pytest.mark.row(65)
def test_the_jwk_set_of_each_algorithm_has_public_members_only(target_app: TargetApp) -> None:
    key = target_app.target.key
    found = public_jwks(target_app)
    assert [jwk["kid"] for jwk in found] == [key.kid] * (key.algorithm != "HS256")
    assert [set(jwk) for jwk in found] == [MEMBERS[jwk["alg"]] for jwk in found]
    text = jwk_set(target_app)
    assert [
        name for name, secret in secret_numbers(key).items() for encoded in encodings(secret) if encoded in text
    ] == []


@pytest.mark.row(65)
def test_every_client_gets_the_same_jwk_set_and_no_cookie(target_app: TargetApp) -> None:
    for token in (target_app.target.token, target_app.target.admin_token, target_app.target.with_signature(bytes(64))):
        assert {jwk_set(target_app, carrier(token)) for carrier in CARRIERS} == {jwk_set(target_app)}
    for query in ("?private=1", "?alg=HS256", f"?kid={target_app.target.key.kid}", "?kty=oct"):
        response = target_app.get({}, path=PATH + query)
        assert (response.text, "Set-Cookie" in response.headers) == (jwk_set(target_app), False)


@pytest.mark.row(65)
def test_a_mixed_ring_lists_each_key_pair_once_and_no_secret(own_target_app: TargetApp) -> None:
    target_app = own_target_app
    ring = [
        target_app.target.key,
        *(rotate_keys(target_app.app, algorithm) for algorithm in (*SIGNING_ALGORITHMS, Algorithm.ES256)),
    ]
    found, text = public_jwks(target_app), jwk_set(target_app)
    pairs = {key.kid for key in ring if not isinstance(key.private, bytes)}
    assert sorted(jwk["kid"] for jwk in found) == sorted(pairs)
    assert [set(jwk) for jwk in found] == [MEMBERS[jwk["alg"]] for jwk in found]
    assert {jwk["kty"] for jwk in found} == {"RSA", "EC", "OKP"}
    for key in ring:
        assert [
            name for name, secret in secret_numbers(key).items() for encoded in encodings(secret) if encoded in text
        ] == []
        assert (key.kid in text) == (key.kid in pairs)


@pytest.mark.row(65)
def test_another_service_verifies_only_genuine_tokens_with_the_jwk_set(target_app: TargetApp) -> None:
    for jwk in public_jwks(target_app):
        verifier, expected = jwt.PyJWK(jwk), target_app.target.payload
        options: dict[str, Any] = {"algorithms": [jwk["alg"]], "audience": "session", "issuer": expected["iss"]}
        assert jwt.decode(target_app.target.token, verifier, **options) == expected
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(target_app.target.with_kept_signature(payload=target_app.target.admin), verifier, **options)


@pytest.mark.row(65)
@pytest.mark.parametrize("algorithm", WITH_PUBLIC_KEYS)
def test_no_secret_derived_from_the_jwk_set_signs_a_token(
    target_apps: Callable[[str], TargetApp], algorithm: str
) -> None:
    target_app = target_apps(algorithm)
    (jwk,) = public_jwks(target_app)
    numbers = [part_bytes(jwk[name]) for name in ("n", "x") if name in jwk]
    for secret in (json.dumps(jwk).encode(), jwk_set(target_app).encode(), *numbers):
        for alg in ("HS256", "HS512"):
            assert verdicts([target_app.app], target_app.target.signed_by(secret, alg)) == {FORGED}


@pytest.mark.row(12)
def test_the_key_recovered_from_two_tokens_is_public_and_forges_nothing(
    target_apps: Callable[[str], TargetApp],
) -> None:
    """sig2n: the modulus divides s^e - m of every token, so a gcd reveals it.

    The division below replaces the gcd, which would be of numbers of two hundred million bits. Then follows public-key
    confusion with the numbers found.
    """
    target_app = target_apps("RS256")
    (jwk,) = public_jwks(target_app)
    modulus, exponent = (int.from_bytes(part_bytes(jwk[name]), "big") for name in ("n", "e"))
    for token in (target_app.target.token, target_app.target.admin_token):
        assert pow(to_int(part_bytes(token.split(".")[2])), exponent, modulus) == encoded_message(token, modulus)
    attacker = with_public_numbers_only(target_app.target, modulus, exponent)
    for row in (public_key_as_secret, hmac_under_an_asymmetric_alg):
        for forgery in row.forge(attacker):
            assert verdicts([target_app.app], forgery.text) == {FORGED}, forgery.name


def to_int(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def encoded_message(token: str, modulus: int) -> int:
    """The number that an RS256 signature of this token encodes (EMSA-PKCS1-v1_5).

    Anyone can compute it.
    """
    hashed = DIGEST_INFO["sha256"] + hashlib.sha256(token.rpartition(".")[0].encode()).digest()
    size = (modulus.bit_length() + 7) // 8
    return to_int(b"\0\1" + b"\xff" * (size - len(hashed) - 3) + b"\0" + hashed)


def with_public_numbers_only(target: Target, modulus: int, exponent: int) -> Target:
    """The same target for an attacker who knows only these two numbers."""

    class PublicKeyOnly(SigningKey):
        @property
        def public(self) -> rsa.RSAPublicKey:
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()

    return replace(target, key=PublicKeyOnly(target.key.kid, target.key.algorithm, b""))
