"""Keys in the lab: generated, loaded, or refused before they cost too much work."""

import base64
import json
import secrets
import time
from functools import partial

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from daypass.keys.algorithms import Algorithm, is_shared
from daypass.lab.playground import key_text, pem
from daypass.lab.playground.algorithms import KINDS, Kind
from daypass.lab.playground.pem import PrivateKey
from tests.lab.playground.shortcuts import each_algorithm, encode_token, key_for, lab_error, verify_token

MERSENNE = 2**21_701 - 1  # a prime; a primality test takes minutes
OIDS = {"dh": "2a864886f70d010301", "dsa": "2a8648ce380401"}
NOT_PEM = "This algorithm needs an RSA key in PEM format: the lines from -----BEGIN to -----END."
UNSOUND = "This is not a valid PEM key. Part of it may be missing."


def der(tag: int, content: bytes) -> bytes:
    length = len(content)
    head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2)
    return bytes([tag]) + head + content


def integers(*numbers: int) -> bytes:
    return b"".join(der(2, number.to_bytes(number.bit_length() // 8 + 1)) for number in numbers)


def sequence(*parts: bytes) -> bytes:
    return der(0x30, b"".join(parts))


def as_pem(label: str, content: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(content).decode()}-----END {label}-----\n"


def rsa_public(bits: int, exponent: int = 65_537) -> str:
    return as_pem("RSA PUBLIC KEY", sequence(integers((1 << bits) - 1, exponent)))


def random_odd(bits: int) -> int:
    return secrets.randbits(bits) | 1 << bits - 1 | 1


def long_parameters(kind: str) -> str:
    """A private key of 10,000 bits, whose public key is computed when it is loaded."""
    numbers = integers(random_odd(10_000), 2) if kind == "dh" else integers(random_odd(10_000), random_odd(9_999), 3)
    algorithm = sequence(der(6, bytes.fromhex(OIDS[kind])), sequence(numbers))
    return as_pem("PRIVATE KEY", sequence(integers(0), algorithm, der(4, integers(random_odd(9_998)))))


def long_numbers() -> str:
    """A valid RSA key, but the numbers that speed up signing have 9,000 bits each."""
    numbers = rsa.generate_private_key(65_537, 2048).private_numbers()
    public = numbers.public_numbers
    long = [random_odd(9_000) for _ in range(4)]
    return as_pem(
        "RSA PRIVATE KEY", sequence(integers(0, public.n, public.e, long[0], numbers.p, numbers.q, *long[1:]))
    )


@each_algorithm
def test_a_generated_key_signs_and_verifies(algorithm: Algorithm) -> None:
    made = key_text.generate(algorithm)
    assert made != key_text.generate(algorithm)
    assert (made.private == made.public) is is_shared(algorithm)
    token = encode_token(algorithm=algorithm, key=made.private)
    assert verify_token(token, algorithm, made.public).valid
    assert verify_token(token, algorithm, made.private).valid
    assert key_text.remarks(made.private, algorithm) == ()
    assert key_text.public_text(made.private, algorithm) == made.public


def test_a_secret_is_accepted_whatever_its_length() -> None:
    assert key_text.load_private("ü", Algorithm.HS512) == "ü".encode()


def test_a_secret_of_raw_bytes_is_typed_as_a_jwk() -> None:
    jwk = json.dumps({"kty": "oct", "k": base64.urlsafe_b64encode(bytes(range(64))).decode().rstrip("=")})
    assert key_text.load_public(jwk, Algorithm.HS512) == bytes(range(64))


@pytest.mark.parametrize(
    "text", ['{"kty": "oct"}', '{"kty": "oct", "k": "a"}', '{"kty": "oct", "k": 7}', '{"kty": "RSA", "n": "AQAB"}']
)
def test_a_jwk_that_is_not_a_secret_is_refused(text: str) -> None:
    assert "looks like a JWK" in lab_error(lambda: key_text.load_private(text, Algorithm.HS256)).message


@pytest.mark.parametrize("algorithm", [algorithm for algorithm in Algorithm if not is_shared(algorithm)])
def test_half_a_key_pair_is_no_secret(algorithm: Algorithm) -> None:
    made = key_for(algorithm)
    for half in (made.private, made.public):
        assert "asymmetric key" in lab_error(partial(key_text.load_public, half, Algorithm.HS256)).message


@each_algorithm
def test_a_key_of_another_kind_is_refused(algorithm: Algorithm) -> None:
    for other in Algorithm:
        if KINDS[other] is not KINDS[algorithm] and not is_shared(algorithm):
            message = lab_error(partial(key_text.load_private, key_for(other).private, algorithm)).message
            assert message.startswith(f"This algorithm needs {KINDS[algorithm]}")


def test_a_public_key_does_not_sign() -> None:
    message = lab_error(lambda: key_text.load_private(key_for(Algorithm.ES256).public, Algorithm.ES256)).message
    assert message == "This is a public key. Only the private key of the pair can sign."


def test_a_key_may_be_surrounded_by_text_and_in_an_older_format() -> None:
    rsa_key = rsa.generate_private_key(65_537, 2048)
    ec_key = ec.generate_private_key(ec.SECP384R1())
    older = [
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()
        for key in (rsa_key, ec_key)
    ]
    loaded = (
        pem.load(f"my key:\n{older[0]}\nthat was it", Kind.RSA),
        pem.load(older[1].replace("\n", "\r\n"), Kind.P384),
    )
    assert [pem.from_private(key) for key in loaded if isinstance(key, PrivateKey)] == [
        pem.from_private(key) for key in (rsa_key, ec_key)
    ]
    public = rsa_key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
    assert pem.load(public.decode(), Kind.RSA) == rsa_key.public_key()


def test_an_encrypted_key_is_refused_with_its_own_message() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    for form in (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL):
        locked = private.private_bytes(
            serialization.Encoding.PEM, form, serialization.BestAvailableEncryption(b"x")
        ).decode()
        message = lab_error(partial(key_text.load_private, locked, Algorithm.ES256)).message
        assert message == "This key is encrypted with a password. The lab accepts only unencrypted keys."


def test_the_longest_rsa_key_that_is_accepted_has_3072_bits() -> None:
    made = rsa.generate_private_key(65_537, 3072)
    key = pem.from_private(made)
    assert verify_token(encode_token(algorithm=Algorithm.PS256, key=key), Algorithm.PS256, key).valid


PEM_448 = pem.from_private(ed448.Ed448PrivateKey.generate())  # type: ignore[arg-type]
BAD_KEYS = {
    "nothing": ("", NOT_PEM),
    "no PEM": ("hello", NOT_PEM),
    "only a beginning": ("-----BEGIN PRIVATE KEY-----\nMIIE", NOT_PEM),
    "other ends": ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PUBLIC KEY-----", NOT_PEM),
    "not base64": (as_pem("PRIVATE KEY", b"x").replace("eA==", "eü=="), "The lines between -----BEGIN and -----END"),
    "no DER": (as_pem("PRIVATE KEY", b"x" * 99), UNSOUND),
    "cut off": (key_for(Algorithm.RS256).private.replace("\n", "", 9)[:900] + "\n-----END PRIVATE KEY-----", UNSOUND),
    "Ed448": (PEM_448, "The lab does not support this kind of key."),
    "RSA of 2047 bits": (rsa_public(2047), "The lab accepts RSA keys of 2048 to 3072 bits."),
    "RSA of 3073 bits": (rsa_public(3073), "The lab accepts RSA keys of 2048 to 3072 bits."),
    "RSA of 16384 bits": (rsa_public(16_384), "The lab accepts RSA keys of 2048 to 3072 bits."),
    "a long exponent": (rsa_public(2048, random_odd(2047)), "The public exponent of this RSA key is too long."),
    "a prime of 21701 bits": (
        as_pem("RSA PRIVATE KEY", sequence(integers(0, MERSENNE * 3, 65_537, 5, MERSENNE, 3, 5, 5, 5))),
        "The lab accepts RSA keys of 2048 to 3072 bits.",
    ),
    "such a prime below 2048 bits": (
        as_pem("RSA PRIVATE KEY", sequence(integers(0, random_odd(2048), 65_537, 5, MERSENNE, 3, 5, 5, 5))),
        UNSOUND,
    ),
    "such numbers beside sound primes": (long_numbers(), UNSOUND),
    "RSA numbers that do not fit": (
        as_pem(
            "RSA PRIVATE KEY", sequence(integers(0, random_odd(2048), 65_537, *(random_odd(1000) for _ in range(6))))
        ),
        UNSOUND,
    ),
    "DH of 10000 bits": (long_parameters("dh"), UNSOUND),
    "DSA of 10000 bits": (long_parameters("dsa"), UNSOUND),
    "8193 characters": ("x" * 8193, "The key is longer than 8192 characters."),
    "1 MB": (rsa_public(2048) + "x" * 1_000_000, "The key is longer than 8192 characters."),
    "a lone surrogate": ("\ud800", NOT_PEM),
}


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_an_unusable_key_is_refused_before_it_costs_work(bad: str) -> None:
    text, message = BAD_KEYS[bad]
    before = time.process_time()
    error = lab_error(lambda: key_text.load_private(text, Algorithm.RS256))
    assert lab_error(lambda: key_text.load_public(text, Algorithm.PS256)).message == error.message
    assert time.process_time() - before < 0.5  # the DH key would take longer, the prime minutes
    assert error.field == "key"
    assert error.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "HMAC key must not be empty."),
        ("\ud800", "The key contains characters that are not valid Unicode."),
        ("x" * 8193, "The key is longer than 8192 characters."),
    ],
    ids=["empty", "surrogate", "long"],
)
def test_an_unusable_secret_is_refused(text: str, message: str) -> None:
    assert lab_error(lambda: key_text.load_private(text, Algorithm.HS256)).message == message
