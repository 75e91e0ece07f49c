"""Signing keys: generation, encryption, and the one algorithm of each."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from daypass.keys import encryption, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.keys.errors import UnreadableKey
from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import PrivateKey, SigningKey
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken
from tests.conftest import SECRET_KEY
from tests.helpers.signing_keys import CLAIMS, NOW, each_algorithm, signing_key_for


def read(token: str, ring: KeyRing) -> Claims:
    return codec.decode(token, ring=ring, issuer=CLAIMS.issuer, purposes={CLAIMS.purpose: 86_400}, now=NOW).claims


def test_there_are_seven_algorithms_and_none_is_not_among_them() -> None:
    assert set(SIGNING_ALGORITHMS) == {"HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA"}


@pytest.mark.parametrize("algorithm", sorted(set(Algorithm) - set(SIGNING_ALGORITHMS)))
def test_no_key_is_generated_for_an_algorithm_of_the_lab_alone(algorithm: Algorithm) -> None:
    with pytest.raises(ValueError, match=f"{algorithm} is not an algorithm for signing keys"):
        signing_key.generate(algorithm)


@each_algorithm
def test_a_key_signs_what_its_ring_verifies(algorithm: Algorithm) -> None:
    key = signing_key_for(algorithm)
    assert key.algorithm is algorithm
    assert read(codec.encode(CLAIMS, key), KeyRing([key])) == CLAIMS


@each_algorithm
def test_a_key_verifies_nothing_that_another_of_its_kind_signed(algorithm: Algorithm) -> None:
    other = _another(algorithm)
    impostor = SigningKey(signing_key_for(algorithm).kid, algorithm, other.private)
    with pytest.raises(InvalidToken):
        read(codec.encode(CLAIMS, impostor), KeyRing([signing_key_for(algorithm)]))


def _another(algorithm: Algorithm) -> SigningKey:
    swapped = {Algorithm.RS256: Algorithm.PS256, Algorithm.PS256: Algorithm.RS256}
    return signing_key_for(swapped[algorithm]) if algorithm in swapped else signing_key.generate(algorithm)


@each_algorithm
def test_a_sealed_key_opens_as_the_same_key(algorithm: Algorithm) -> None:
    key = signing_key_for(algorithm)
    opened = encryption.decrypt_key(key.kid, algorithm.value, encryption.encrypt_private(key, SECRET_KEY), SECRET_KEY)
    assert (opened.kid, opened.algorithm) == (key.kid, key.algorithm)
    assert read(codec.encode(CLAIMS, opened), KeyRing([key])) == CLAIMS
    assert read(codec.encode(CLAIMS, key), KeyRing([opened])) == CLAIMS


@each_algorithm
def test_another_secret_key_opens_nothing_and_is_named(algorithm: Algorithm) -> None:
    sealed = encryption.encrypt_private(signing_key_for(algorithm), SECRET_KEY)
    with pytest.raises(UnreadableKey, match="DAYPASS_SECRET_KEY") as refused:
        encryption.decrypt_key("k1", algorithm.value, sealed, SECRET_KEY + "x")
    assert SECRET_KEY not in str(refused.value)


@pytest.mark.parametrize("at", [0, 10, -1])
def test_a_changed_byte_opens_nothing(at: int) -> None:
    sealed = bytearray(encryption.encrypt_private(signing_key_for(Algorithm.HS256), SECRET_KEY))
    sealed[at] ^= 1
    with pytest.raises(UnreadableKey):
        encryption.decrypt_key("k1", "HS256", bytes(sealed), SECRET_KEY)


def test_a_sealed_key_holds_nothing_of_the_key_and_is_never_the_same_twice() -> None:
    key = signing_key_for(Algorithm.HS256)
    assert isinstance(key.private, bytes)
    once, again = encryption.encrypt_private(key, SECRET_KEY), encryption.encrypt_private(key, SECRET_KEY)
    assert once != again
    assert key.private not in once


@pytest.mark.parametrize(("algorithm", "size"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_an_hmac_secret_is_as_long_as_its_hash(algorithm: str, size: int) -> None:
    private = signing_key_for(Algorithm(algorithm)).private
    assert isinstance(private, bytes)
    assert len(private) == size
    short = SigningKey("k1", Algorithm(algorithm), b"x" * (size - 1))
    with pytest.raises(UnreadableKey, match="k1"):
        encryption.decrypt_key("k1", algorithm, encryption.encrypt_private(short, SECRET_KEY), SECRET_KEY)


@pytest.mark.parametrize("algorithm", [Algorithm.RS256, Algorithm.PS256], ids=str)
def test_an_rsa_key_has_3072_bits_and_the_usual_exponent(algorithm: Algorithm) -> None:
    private = signing_key_for(algorithm).private
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.key_size == 3072
    assert private.public_key().public_numbers().e == 65537


def test_a_weaker_key_than_we_make_is_refused() -> None:
    weak: dict[Algorithm, PrivateKey] = {
        Algorithm.RS256: rsa.generate_private_key(65537, 2048),
        Algorithm.ES256: ec.generate_private_key(ec.SECP384R1()),
    }
    for algorithm, private in weak.items():
        sealed = encryption.encrypt_private(SigningKey("k1", algorithm, private), SECRET_KEY)
        with pytest.raises(UnreadableKey, match="k1"):
            encryption.decrypt_key("k1", algorithm.value, sealed, SECRET_KEY)


@pytest.mark.parametrize(
    ("made_for", "opened_as"),
    [
        (Algorithm.ES256, "RS256"),
        (Algorithm.RS256, "ES256"),
        (Algorithm.EDDSA, "ES256"),
        (Algorithm.ES256, "EdDSA"),
        (Algorithm.HS256, "RS256"),
        (Algorithm.HS256, "HS512"),
        (Algorithm.HS256, "none"),
        (Algorithm.RS256, "RS384"),
        (Algorithm.HS512, "ES384"),
        (Algorithm.HS256, "hs256"),
        (Algorithm.HS256, ""),
    ],
)
def test_a_key_is_not_opened_for_an_algorithm_of_another_kind(made_for: Algorithm, opened_as: str) -> None:
    sealed = encryption.encrypt_private(signing_key_for(made_for), SECRET_KEY)
    with pytest.raises(UnreadableKey, match="k1"):
        encryption.decrypt_key("k1", opened_as, sealed, SECRET_KEY)


def test_every_key_has_an_id_and_a_secret_of_its_own() -> None:
    made = [signing_key.generate(Algorithm.HS512) for _ in range(50)]
    assert len({key.kid for key in made}) == len({key.private for key in made}) == 50


def test_the_first_signing_key_for_a_ring_signs_and_all_verify() -> None:
    newest, older, oldest = (signing_key.generate(Algorithm.HS256) for _ in range(3))
    ring = KeyRing([newest, older, oldest])
    assert ring.signing is newest
    assert list(ring) == [newest, older, oldest]
    for key in ring:
        assert ring.find(key.kid) is key
        assert read(codec.encode(CLAIMS, key), ring) == CLAIMS


def test_a_key_that_was_removed_from_the_ring_verifies_nothing() -> None:
    leaving, staying = signing_key.generate(Algorithm.HS256), signing_key.generate(Algorithm.HS256)
    token = codec.encode(CLAIMS, leaving)
    assert read(token, KeyRing([staying, leaving])) == CLAIMS
    assert KeyRing([staying]).find(leaving.kid) is None
    with pytest.raises(InvalidToken):
        read(token, KeyRing([staying]))


def test_a_ring_needs_a_key() -> None:
    with pytest.raises(ValueError, match="needs at least one key"):
        KeyRing([])


@each_algorithm
def test_a_secret_is_not_shown_with_its_key(algorithm: Algorithm) -> None:
    key = signing_key_for(algorithm)
    assert repr(key) == f"SigningKey(kid={key.kid!r}, algorithm={algorithm!r}, retired_at=None)"


@each_algorithm
def test_a_signature_is_as_long_as_the_key_says(algorithm: Algorithm) -> None:
    signature = codec.encode(CLAIMS, signing_key_for(algorithm)).split(".")[2]
    assert len(signature) * 6 // 8 * 8 == signing_key_for(algorithm).signature_bits


@pytest.mark.parametrize("algorithm", [Algorithm.RS256, Algorithm.PS256, Algorithm.ES256, Algorithm.EDDSA], ids=str)
def test_a_ring_verifies_with_the_public_half_alone(algorithm: Algorithm) -> None:
    verifier = KeyRing([signing_key_for(algorithm)]).verifier(signing_key_for(algorithm).kid)
    assert not isinstance(verifier, bytes)
    assert not hasattr(verifier, "private_bytes")
