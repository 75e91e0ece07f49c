"""`tokens.codec.decode` raises only InvalidToken, whatever the text."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from daypass.keys import signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.forging import to_json
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Token
from daypass.tokens.errors import InvalidToken, TokenFault
from tests.security.decoding import DAY, decode, fault_of
from tests.security.forgeries import encoding, sizes, strangers
from tests.security.forgeries.claims import INVALID_TEXTS
from tests.security.forging import ALGORITHMS, Target, attacker_keys
from tests.security.target_app import TargetApp

EXTRA_CHARACTERS = (
    *(" ", "\t", "\n", "\r\n", "\v", "\f", "\0", "\x1c", "\x85", "\xa0"),
    *("\u2028", "\ufeff", '"', "\ud800", "\udfff"),
)
UNPRINTABLE = ("nul", "lone-surrogate", "lone-low-surrogate", "newline", "right-to-left")
TEXT_ROWS = (
    encoding.junk_in_a_part,
    encoding.other_alphabet,
    encoding.wrong_number_of_parts,
    encoding.json_serialisation,
    encoding.encrypted_token,
    strangers.token_of_another_format,
    sizes.too_long,
    sizes.unusual_characters,
)


@pytest.fixture(params=ALGORITHMS)
def target(request: pytest.FixtureRequest, target_apps: Callable[[str], TargetApp]) -> Target:
    target: Target = target_apps(request.param).target
    return target


def test_characters_around_a_token_are_refused(target: Target) -> None:
    decode(target, target.token)
    for extra in EXTRA_CHARACTERS:
        for text in (extra + target.token, target.token + extra, extra + target.token + extra):
            assert fault_of(target, text) is TokenFault.FORGED


@pytest.mark.parametrize("row", TEXT_ROWS, ids=str)
def test_forged_texts_are_refused_without_a_header_around_them(target: Target, row: Any) -> None:
    for forgery in row.forge(target):
        assert fault_of(target, forgery.text) is TokenFault.FORGED, forgery.name


def test_a_token_over_4096_characters_is_refused_even_with_a_valid_signature(target: Target) -> None:
    claims = to_json(target.payload)
    spare = target.max_payload_bytes() - len(claims)
    decode(target, target.signed(payload=claims + b" " * (spare - 4)))
    assert fault_of(target, target.signed(payload=claims + b" " * (spare + 4))) is TokenFault.FORGED


@pytest.mark.parametrize(("claim", "names"), [("sub", INVALID_TEXTS), ("sid", INVALID_TEXTS), ("name", UNPRINTABLE)])
def test_malformed_text_claims_are_refused_before_any_database_query(
    target: Target, claim: str, names: Iterable[str]
) -> None:
    for name in names:
        assert fault_of(target, target.with_claims(**{claim: INVALID_TEXTS[name]})) is TokenFault.FORGED, name


def test_a_token_for_one_purpose_is_refused_for_another(target: Target) -> None:
    reset = target.with_claims(aud=purposes.RESET)
    assert decode(target, reset, purpose=purposes.RESET).claims.purpose == purposes.RESET
    for text, purpose in ((reset, purposes.SESSION), (target.token, purposes.RESET), (target.token, "sessio")):
        assert fault_of(target, text, purpose=purpose) is TokenFault.FORGED


@pytest.mark.row(67)
def test_a_token_expires_to_the_second_and_clocks_may_differ_by_a_minute(target: Target) -> None:
    issued = datetime.fromtimestamp(target.payload["iat"], UTC)
    expires = datetime.fromtimestamp(target.payload["exp"], UTC)
    tick = timedelta(microseconds=1)
    decode(target, target.token, now=expires - tick)
    decode(target, target.token, now=issued - timedelta(seconds=60))
    assert fault_of(target, target.token, now=expires) is TokenFault.EXPIRED
    assert fault_of(target, target.token, now=expires + timedelta(days=400)) is TokenFault.EXPIRED
    assert fault_of(target, target.token, now=issued - timedelta(seconds=60) - tick) is TokenFault.FORGED


def test_a_key_signs_under_its_own_id_and_algorithm_only(target_apps: Callable[[str], TargetApp]) -> None:
    """In a ring of all algorithms, no key verifies tokens that name another."""
    targets = [target_apps(algorithm).target for algorithm in ALGORITHMS]
    second = SigningKey("second", Algorithm.HS256, bytes(32))
    ring = KeyRing([target.key for target in targets] + [second, signing_key.generate(Algorithm.PS256)])
    genuine = targets[0]

    def decode_with_ring(text: str) -> Token:
        now = datetime.now(UTC)
        return codec.decode(text, ring=ring, issuer=genuine.payload["iss"], purposes={"session": DAY}, now=now)

    for signer in ring:
        for named in ring:
            for alg in {signer.algorithm.value, named.algorithm.value}:
                text = genuine.signed_by(signer.private, signer.algorithm, {"alg": alg, "typ": "JWT", "kid": named.kid})
                if signer is named:
                    assert decode_with_ring(text).header["kid"] == named.kid
                    continue
                with pytest.raises(InvalidToken):
                    decode_with_ring(text)
        for public in (key.public for key in ring if not isinstance(key.public, bytes)):
            pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            for alg in ("HS256", signer.algorithm.value):
                with pytest.raises(InvalidToken):
                    decode_with_ring(genuine.signed_by(pem, "HS256", {"alg": alg, "typ": "JWT", "kid": signer.kid}))


def test_tokens_signed_with_a_foreign_key_are_refused(target: Target) -> None:
    for algorithm, key in attacker_keys().items():
        assert fault_of(target, target.signed_by(key, algorithm)) is TokenFault.FORGED
        assert fault_of(target, target.signed_by(key, algorithm, target.header)) is TokenFault.FORGED
