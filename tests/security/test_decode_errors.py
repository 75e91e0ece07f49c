"""`tokens.decode` raises InvalidToken and nothing else, whatever the text is: what no header can carry included."""

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
from tests.security.catalogue import ROWS
from tests.security.decoding import DAY, read, refused
from tests.security.forgeries.claims import NOT_A_TEXT
from tests.security.forging import RINGS, Target, strangers
from tests.security.target_app import World

AROUND = (
    *(" ", "\t", "\n", "\r\n", "\v", "\f", "\0", "\x1c", "\x85", "\xa0"),
    *("\u2028", "\ufeff", '"', "\ud800", "\udfff"),
)
UNPRINTABLE = ("nul", "lone-surrogate", "lone-low-surrogate", "newline", "right-to-left")
TEXT_ROWS = [row for row in ROWS if row.number in (32, 33, 34, 35, 36, 41, 58, 59)]


@pytest.fixture(params=RINGS)
def target(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> Target:
    target: Target = worlds(request.param).target
    return target


def test_nothing_may_stand_around_a_token(target: Target) -> None:
    read(target, target.token)
    for letter in AROUND:
        for text in (letter + target.token, target.token + letter, letter + target.token + letter):
            assert refused(target, text) is TokenFault.FORGED


@pytest.mark.parametrize("row", TEXT_ROWS, ids=str)
def test_no_forged_text_passes_without_a_header_around_it(target: Target, row: Any) -> None:
    for forgery in row.forge(target):
        assert refused(target, forgery.text) is TokenFault.FORGED, forgery.name


def test_a_token_over_4096_characters_is_refused_however_good_its_signature(target: Target) -> None:
    claims = to_json(target.payload)
    room = target.room() - len(claims)
    read(target, target.signed(payload=claims + b" " * (room - 4)))
    assert refused(target, target.signed(payload=claims + b" " * (room + 4))) is TokenFault.FORGED


@pytest.mark.parametrize(("claim", "kinds"), [("sub", NOT_A_TEXT), ("sid", NOT_A_TEXT), ("name", UNPRINTABLE)])
def test_a_claim_of_no_text_that_we_write_is_refused_before_the_database_is_asked(
    target: Target, claim: str, kinds: Iterable[str]
) -> None:
    for kind in kinds:
        assert refused(target, target.with_claims(**{claim: NOT_A_TEXT[kind]})) is TokenFault.FORGED, kind


def test_a_token_for_one_purpose_is_none_for_another(target: Target) -> None:
    setup = target.with_claims(aud=purposes.SETUP)
    assert read(target, setup, purpose=purposes.SETUP).claims.purpose == purposes.SETUP
    for text, purpose in ((setup, purposes.SESSION), (target.token, purposes.SETUP), (target.token, "sessio")):
        assert refused(target, text, purpose=purpose) is TokenFault.FORGED


@pytest.mark.row(67)
def test_a_token_is_good_to_the_second_and_clocks_may_differ_by_a_minute(target: Target) -> None:
    issued = datetime.fromtimestamp(target.payload["iat"], UTC)
    expires = datetime.fromtimestamp(target.payload["exp"], UTC)
    tick = timedelta(microseconds=1)
    read(target, target.token, now=expires - tick)
    read(target, target.token, now=issued - timedelta(seconds=60))
    assert refused(target, target.token, now=expires) is TokenFault.EXPIRED
    assert refused(target, target.token, now=expires + timedelta(days=400)) is TokenFault.EXPIRED
    assert refused(target, target.token, now=issued - timedelta(seconds=60) - tick) is TokenFault.FORGED


def test_a_key_signs_under_its_own_name_and_algorithm_only(worlds: Callable[[str], World]) -> None:
    """One ring that holds a key of each kind, and every key tries to pass for every other."""
    targets = [worlds(ring).target for ring in RINGS]
    second = SigningKey("second", Algorithm.HS256, bytes(32))
    ring = KeyRing([target.key for target in targets] + [second, signing_key.generate(Algorithm.PS256)])
    honest = targets[0]

    def decode(text: str) -> Token:
        now = datetime.now(UTC)
        return codec.decode(text, ring=ring, issuer=honest.payload["iss"], purposes={"session": DAY}, now=now)

    for signer in ring:
        for named in ring:
            for alg in {signer.algorithm.value, named.algorithm.value}:
                text = honest.by(signer.private, signer.algorithm, {"alg": alg, "typ": "JWT", "kid": named.kid})
                if signer is named:
                    assert decode(text).header["kid"] == named.kid
                    continue
                with pytest.raises(InvalidToken):
                    decode(text)
        for public in (key.public for key in ring if not isinstance(key.public, bytes)):
            pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            for alg in ("HS256", signer.algorithm.value):
                with pytest.raises(InvalidToken):
                    decode(honest.by(pem, "HS256", {"alg": alg, "typ": "JWT", "kid": signer.kid}))


def test_a_stranger_signs_nothing(target: Target) -> None:
    for algorithm, key in strangers().items():
        assert refused(target, target.by(key, algorithm)) is TokenFault.FORGED
        assert refused(target, target.by(key, algorithm, target.header)) is TokenFault.FORGED
