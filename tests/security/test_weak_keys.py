"""Secrets that can be guessed, and keys that are too weak."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from daypass.keys import encryption
from daypass.keys.algorithms import Algorithm
from daypass.keys.errors import UnreadableKey
from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.forging import part_bytes
from daypass.settings.environment import read_settings
from daypass.settings.errors import SettingsError
from tests.conftest import SECRET_KEY
from tests.security.target_app import TargetApp

WEAK_SECRETS = (
    *("", " ", "x", "secret", "changeme", "dev", "daypass", "your-256-bit-secret", "a" * 32, "0" * 64, "ab" * 32),
    *("password" * 8, "secret" * 8, "changeme" * 8, "dev-secret-" * 5, "correcthorse" * 6, SECRET_KEY[:31]),
)
KEY_SIZES = {"HS256": 32, "HS384": 48, "HS512": 64}


def der(private: PrivateKeyTypes) -> bytes:
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def rsa_key(bits: int = 3072, exponent: int = 65537) -> bytes:
    return der(rsa.generate_private_key(exponent, bits))


def loaded(algorithm: str, raw: bytes) -> SigningKey:
    """Load these bytes as a key of this algorithm, as from the database."""
    return encryption.decrypt_key(
        "kid", algorithm, encryption.encrypt_private(SigningKey("kid", Algorithm.HS256, raw), SECRET_KEY), SECRET_KEY
    )


def guess_secret(token: str, words: Iterable[str]) -> str | None:
    """The word that an HS256 token was signed with, if it is one of these.

    Anyone with a token can try this offline.
    """
    message, _, signature = token.rpartition(".")
    expected = part_bytes(signature)
    return next((word for word in words if hmac.digest(word.encode(), message.encode(), "sha256") == expected), None)


def common_words() -> Iterator[str]:
    for words in FREQUENCY_LISTS.values():
        yield from words
    yield from (SECRET_KEY, hashlib.sha256(SECRET_KEY.encode()).hexdigest(), "your-256-bit-secret", "")


@pytest.mark.row(13)
def test_the_hmac_key_is_not_a_guessable_word(target_apps: Callable[[str], TargetApp]) -> None:
    target = target_apps("HS256").target
    assert guess_secret(target.signed_by(b"letmein", "HS256"), common_words()) == "letmein"
    assert guess_secret(target.token, common_words()) is None


@pytest.mark.row(13)
@pytest.mark.parametrize("secret", WEAK_SECRETS)
def test_settings_refuse_a_weak_secret(secret: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DAYPASS_SECRET_KEY"):
        read_settings({"DAYPASS_SECRET_KEY": secret, "DAYPASS_DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"})


def strong_keys() -> dict[str, bytes]:
    rsa_3072 = rsa_key()
    return {
        "RS256": rsa_3072,
        "PS256": rsa_3072,
        "ES256": der(ec.generate_private_key(ec.SECP256R1())),
        "EdDSA": der(ed25519.Ed25519PrivateKey.generate()),
    } | {algorithm: bytes(range(size)) for algorithm, size in KEY_SIZES.items()}


def weak_keys() -> Iterator[tuple[str, str, bytes]]:
    """Each weak key, as algorithm, fault and bytes."""
    strong, short, shorter, low = strong_keys(), rsa_key(2048), rsa_key(1024), rsa_key(exponent=3)
    for algorithm, size in KEY_SIZES.items():
        yield algorithm, "one byte too short", bytes(range(size - 1))
        yield algorithm, "empty", b""
    for algorithm in ("RS256", "PS256"):
        yield algorithm, "1024 bits", shorter
        yield algorithm, "2048 bits", short
        yield algorithm, "e is 3", low
        yield algorithm, "e changed", strong["RS256"].replace(b"\x02\x03\x01\0\x01", b"\x02\x03\x01\0\x03")
        yield algorithm, "a bit of n changed", _bit_changed(strong["RS256"], 200)
    for curve in (ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1(), ec.BrainpoolP256R1()):
        yield "ES256", curve.name, der(ec.generate_private_key(curve))
    yield "ES256", "point off the curve", _bit_changed(strong["ES256"], len(strong["ES256"]) - 1)
    yield "EdDSA", "Ed448", der(ed448.Ed448PrivateKey.generate())
    yield "EdDSA", "X25519", der(x25519.X25519PrivateKey.generate())
    for algorithm in ("RS256", "PS256", "ES256", "EdDSA"):
        for other, raw in strong.items():
            if raw is not strong[algorithm]:
                yield algorithm, f"a key for {other}", raw
        yield algorithm, "cut", strong[algorithm][:-1]
        yield algorithm, "empty", b""
        yield algorithm, "PEM", b"-----BEGIN PRIVATE KEY-----\n"
    for algorithm in ("none", "", "HS1", "hs256", "RS512", "ES384"):
        yield algorithm, "an algorithm that we have not", strong["HS512"]


def _bit_changed(raw: bytes, index: int) -> bytes:
    return raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :]


@pytest.mark.row(66)
def test_a_strong_key_is_loaded() -> None:
    for algorithm, raw in strong_keys().items():
        assert loaded(algorithm, raw).algorithm == algorithm


@pytest.mark.row(66)
def test_a_weak_or_wrong_key_is_never_loaded() -> None:
    for algorithm, fault, raw in weak_keys():
        with pytest.raises(UnreadableKey):
            loaded(algorithm, raw)
            pytest.fail(f"{algorithm}: {fault}")


@pytest.mark.row(66)
@pytest.mark.parametrize("encrypted_key", [b"", b"x", bytes(32)], ids=["empty", "short", "plain"])
def test_a_key_not_encrypted_under_our_secret_is_never_loaded(encrypted_key: bytes) -> None:
    ours = encryption.encrypt_private(SigningKey("kid", Algorithm.HS256, bytes(32)), SECRET_KEY)
    foreign = encryption.encrypt_private(SigningKey("kid", Algorithm.HS256, bytes(32)), SECRET_KEY[::-1])
    for encrypted in (encrypted_key, foreign, ours[:-1], _bit_changed(ours, 40)):
        with pytest.raises(UnreadableKey):
            encryption.decrypt_key("kid", "HS256", encrypted, SECRET_KEY)
