"""Rows 12 and 65: what the JWK Set gives away is public, and is no use to a forger."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.forging import part, unpart
from daypass.web.context import current_db
from tests.conftest import SECRET_KEY
from tests.security.forgeries.confusion import hmac_under_an_asymmetric_alg, public_key_as_secret
from tests.security.forging import FORGED, RINGS, Target
from tests.security.target_app import CARRIERS, World, told

PATH = "/.well-known/jwks.json"
MEMBERS = {
    "RS256": {"kty", "kid", "alg", "use", "n", "e"},
    "PS256": {"kty", "kid", "alg", "use", "n", "e"},
    "ES256": {"kty", "kid", "alg", "use", "crv", "x", "y"},
    "EdDSA": {"kty", "kid", "alg", "use", "crv", "x"},
}
HASH_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")  # of SHA-256, RFC 8017 section 9.2


def jwk_set(world: World, environ: dict[str, str] | None = None) -> str:
    answer = world.get(environ or {}, path=PATH)
    assert (answer.status_code, answer.mimetype) == (200, "application/jwk-set+json")
    return answer.text


def listed(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(jwk_set(world))["keys"]
    return found


def secrets_of(key: SigningKey) -> dict[str, bytes]:
    """Every number of a key that is nobody's business."""
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


def as_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def spelled(secret: bytes) -> set[str]:
    return {part(secret), secret.hex(), str(int.from_bytes(secret, "big"))}


def rotate(world: World, algorithm: Algorithm) -> SigningKey:
    key = signing_key.generate(algorithm)
    with world.app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, SECRET_KEY)
    return key


@pytest.mark.row(65)
def test_the_set_of_each_ring_holds_public_members_alone(world: World) -> None:
    key = world.target.key
    found = listed(world)
    assert [jwk["kid"] for jwk in found] == [key.kid] * (key.algorithm != "HS256")
    assert [set(jwk) for jwk in found] == [MEMBERS[jwk["alg"]] for jwk in found]
    text = jwk_set(world)
    assert [name for name, secret in secrets_of(key).items() for way in spelled(secret) if way in text] == []


@pytest.mark.row(65)
def test_whoever_asks_gets_the_same_set_and_no_cookie(world: World) -> None:
    for token in (world.target.token, world.target.admin_token, world.target.with_signature(bytes(64))):
        assert {jwk_set(world, carrier(token)) for carrier in CARRIERS} == {jwk_set(world)}
    for query in ("?private=1", "?alg=HS256", f"?kid={world.target.key.kid}", "?kty=oct"):
        answer = world.get({}, path=PATH + query)
        assert (answer.text, "Set-Cookie" in answer.headers) == (jwk_set(world), False)


@pytest.mark.row(65)
def test_a_mixed_ring_lists_each_key_pair_once_and_no_secret(own_world: World) -> None:
    world = own_world
    ring = [world.target.key, *(rotate(world, algorithm) for algorithm in (*SIGNING_ALGORITHMS, Algorithm.ES256))]
    found, text = listed(world), jwk_set(world)
    pairs = {key.kid for key in ring if not isinstance(key.private, bytes)}
    assert sorted(jwk["kid"] for jwk in found) == sorted(pairs)
    assert [set(jwk) for jwk in found] == [MEMBERS[jwk["alg"]] for jwk in found]
    assert {jwk["kty"] for jwk in found} == {"RSA", "EC", "OKP"}
    for key in ring:
        assert [name for name, secret in secrets_of(key).items() for way in spelled(secret) if way in text] == []
        assert (key.kid in text) == (key.kid in pairs)


@pytest.mark.row(65)
def test_a_stranger_verifies_by_the_set_what_was_signed_and_nothing_else(world: World) -> None:
    for jwk in listed(world):
        verifier, expected = jwt.PyJWK(jwk), world.target.payload
        how: dict[str, Any] = {"algorithms": [jwk["alg"]], "audience": "session", "issuer": expected["iss"]}
        assert jwt.decode(world.target.token, verifier, **how) == expected
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(world.target.with_kept_signature(payload=world.target.admin), verifier, **how)


@pytest.mark.row(65)
@pytest.mark.parametrize("ring", [ring for ring in RINGS if ring != "HS256"])
def test_no_key_that_is_rebuilt_from_the_set_signs(worlds: Callable[[str], World], ring: str) -> None:
    world = worlds(ring)
    (jwk,) = listed(world)
    numbers = [unpart(jwk[name]) for name in ("n", "x") if name in jwk]
    for secret in (json.dumps(jwk).encode(), jwk_set(world).encode(), *numbers):
        for alg in ("HS256", "HS512"):
            assert told([world.app], world.target.by(secret, alg)) == {FORGED}


@pytest.mark.row(12)
def test_the_key_that_two_tokens_give_away_is_the_public_one_and_signs_nothing(
    worlds: Callable[[str], World],
) -> None:
    """sig2n: the modulus divides s^e - m of every token, so two of them and a gcd tell it; row 10 comes after that.

    The division stands for the gcd, which is one of numbers of two hundred million bits.
    """
    world = worlds("RS256")
    (jwk,) = listed(world)
    modulus, exponent = (int.from_bytes(unpart(jwk[name]), "big") for name in ("n", "e"))
    for token in (world.target.token, world.target.admin_token):
        assert pow(number(unpart(token.split(".")[2])), exponent, modulus) == padded(token, modulus)
    attacker = knows_only(world.target, modulus, exponent)
    for row in (public_key_as_secret, hmac_under_an_asymmetric_alg):
        for forgery in row.forge(attacker):
            assert told([world.app], forgery.text) == {FORGED}, forgery.name


def number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def padded(token: str, modulus: int) -> int:
    """What an RS256 signature of this token hides, as anybody can work it out: EMSA-PKCS1-v1_5."""
    hashed = HASH_PREFIX + hashlib.sha256(token.rpartition(".")[0].encode()).digest()
    size = (modulus.bit_length() + 7) // 8
    return number(b"\0\1" + b"\xff" * (size - len(hashed) - 3) + b"\0" + hashed)


def knows_only(target: Target, modulus: int, exponent: int) -> Target:
    """The same target, for somebody who has nothing but these two numbers."""

    class PublicHalf(SigningKey):
        @property
        def public(self) -> rsa.RSAPublicKey:
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()

    return replace(target, key=PublicHalf(target.key.kid, target.key.algorithm, b""))
