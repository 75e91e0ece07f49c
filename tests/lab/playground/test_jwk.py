"""Keys as JWK and as base64: loaded like PEM, or refused before they cost work."""

import base64
import json
import time
from typing import Any

import pytest
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from daypass.keys.algorithms import Algorithm, is_shared
from daypass.lab.playground import key_text, pem
from daypass.lab.playground.algorithms import KINDS
from daypass.lab.playground.pem import PrivateKey
from daypass.tokens.base64url import encode_base64url
from tests.lab.playground.shortcuts import encode_token, key_for, lab_error, verify_token

PAIRS = [algorithm for algorithm in Algorithm if not is_shared(algorithm)]
LARGE_PRIME = 2**21_701 - 1  # a test of its primality takes minutes

with_a_pair = pytest.mark.parametrize("algorithm", PAIRS)


def jwk(algorithm: Algorithm, *, public: bool = False) -> dict[str, Any]:
    """The test's key for this algorithm as a JWK, by PyJWT."""
    key = pem.load(key_for(algorithm).private, KINDS[algorithm])
    assert isinstance(key, PrivateKey)
    writer: Any = {"R": RSAAlgorithm, "P": RSAAlgorithm, "E": ECAlgorithm}.get(algorithm[0], RSAAlgorithm)
    writer = OKPAlgorithm if algorithm is Algorithm.EDDSA else writer
    members: dict[str, Any] = writer.to_jwk(key.public_key() if public else key, as_dict=True)
    return members


def body(text: str) -> str:
    """A PEM key without its first and last line."""
    return "".join(text.splitlines()[1:-1])


@with_a_pair
def test_a_private_jwk_signs_and_a_public_one_verifies(algorithm: Algorithm) -> None:
    token = encode_token(algorithm=algorithm, key=json.dumps(jwk(algorithm)))
    assert verify_token(token, algorithm, key=json.dumps(jwk(algorithm, public=True), indent=2)).valid
    assert verify_token(token, algorithm, key=key_for(algorithm).public).valid


@with_a_pair
def test_a_public_jwk_cannot_sign(algorithm: Algorithm) -> None:
    public = json.dumps(jwk(algorithm, public=True))
    assert lab_error(lambda: encode_token(algorithm=algorithm, key=public)).field == "key"


@with_a_pair
def test_a_pem_key_without_its_first_and_last_line_is_loaded(algorithm: Algorithm) -> None:
    private, public = body(key_for(algorithm).private), body(key_for(algorithm).public)
    in_base64url = private.replace("+", "-").replace("/", "_").rstrip("=")
    token = encode_token(algorithm=algorithm, key=in_base64url)
    assert verify_token(token, algorithm, key=public).valid


def test_a_pem_key_with_escaped_line_breaks_is_loaded() -> None:
    key = key_for(Algorithm.ES256)
    token = encode_token(algorithm=Algorithm.ES256, key=key.private.replace("\n", "\\n"))
    assert verify_token(token, Algorithm.ES256, key=f'"{key.public}"'.replace("\n", "\\n")).valid


def test_a_jwk_of_another_kind_is_refused_with_both_kinds_named() -> None:
    error = lab_error(lambda: key_text.load_public(json.dumps(jwk(Algorithm.ES256)), Algorithm.RS256))
    assert error.message == "This algorithm needs an RSA key, but this is an EC key on the curve P-256."


def encoded(number: int) -> str:
    return encode_base64url(number.to_bytes((number.bit_length() + 7) // 8 or 1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n": None}, "lacks the member"),
        ({"n": 5}, "lacks the member"),
        ({"e": "!"}, "not base64url"),
        ({"p": None}, "lacks the member"),
        ({"p": encoded(LARGE_PRIME)}, "too long"),
        ({"d": encoded(4)}, "not a valid key"),
        ({"q": encoded(9)}, "not a valid key"),
        ({"n": encoded(2**512 - 1)}, "2048 to 3072 bits"),
        ({"n": encoded(2**3072 + 1)}, "too long"),
        ({"e": encoded(2**40 + 1)}, "exponent"),
        ({"kty": "oct", "k": "YQ"}, "only HS algorithms use"),
        ({"kty": "XYZ"}, "The lab knows JWKs"),
        ({"kty": "EC", "crv": "secp256k1"}, "The lab knows JWKs"),
        ({"kty": ["RSA"]}, "The lab knows JWKs"),
        ({"keys": []}, "Enter one of the keys"),
    ],
)
def test_an_unusable_jwk_is_refused_in_words_before_it_costs_work(change: dict[str, Any], words: str) -> None:
    members = {name: value for name, value in (jwk(Algorithm.RS256) | change).items() if value is not None}
    began = time.process_time()
    error = lab_error(lambda: key_text.load_private(json.dumps(members), Algorithm.RS256))
    assert words in error.message
    assert error.field == "key"
    assert time.process_time() - began < 2


@pytest.mark.parametrize("coordinates", [{"x": encoded(1), "y": encoded(1)}, {"x": "", "y": ""}, {"d": encoded(0)}])
def test_a_point_that_is_not_on_the_curve_is_refused(coordinates: dict[str, str]) -> None:
    members = jwk(Algorithm.ES256) | coordinates
    assert lab_error(lambda: key_text.load_private(json.dumps(members), Algorithm.ES256)).field == "key"


def test_an_ed25519_key_of_the_wrong_length_is_refused() -> None:
    members = {"kty": "OKP", "crv": "Ed25519", "d": "YWJj", "x": "YWJj"}
    assert lab_error(lambda: key_text.load_private(json.dumps(members), Algorithm.EDDSA)).field == "key"


def test_unfinished_json_is_reported_as_such() -> None:
    error = lab_error(lambda: key_text.load_private('{"kty": "RSA"', Algorithm.RS256))
    assert error.message.startswith("This looks like a JWK. It is not JSON")


@pytest.mark.parametrize("secret", [b"\x00\xff" * 20, b"quiet lantern"])
@pytest.mark.parametrize("encode", [base64.urlsafe_b64encode, base64.b64encode])
def test_a_secret_in_base64url_is_its_bytes(secret: bytes, encode: Any) -> None:
    entered = encode(secret).decode()
    for text in (entered, entered.rstrip("="), f" {entered[:5]}\n{entered[5:]}"):
        assert key_text.load_private(key_text.secret_in_base64url(text), Algorithm.HS256) == secret


@pytest.mark.parametrize("text", ["quiet lantern!", "abcde", "ü"])
def test_a_secret_that_is_not_base64url_is_refused(text: str) -> None:
    error = lab_error(lambda: key_text.secret_in_base64url(text))
    assert error.message.startswith("The secret is not base64url.")
