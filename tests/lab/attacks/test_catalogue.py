"""The catalogue of the attack gallery: its texts, and the code that it quotes."""

import base64
import hmac
import importlib
import inspect
import re
from contextlib import suppress
from datetime import UTC, datetime
from operator import attrgetter
from types import ModuleType
from typing import Any

import jwt
import pytest
from cryptography import x509

from daypass.keys import signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.signing_key import SigningKey
from daypass.lab.attacks.attack import Attack, Carrier, Reference
from daypass.lab.attacks.catalogue import ATTACKS, BY_NAME
from daypass.lab.attacks.examples import Example, example
from daypass.lab.attacks.forging import Target, part, part_bytes, read_part, signature
from daypass.lab.attacks.highlights import Mark
from daypass.lab.attacks.throwaway_keys import THROWAWAY_KEYS
from daypass.lab.attacks.weak_secrets import COMMON_SECRETS, guess_secret
from daypass.tokens import codec

ISSUER = "https://login.example.org"
NOW = datetime(2026, 11, 23, 8, 14, 7, tzinfo=UTC)
REQUIRED = {
    *("none", "none-variants", "edited-payload", "cut-signature", "public-key-rs256", "public-key-es256"),
    *("jwk", "jku", "kid-path", "kid-sql", "expired", "not-yet-valid", "another-purpose", "another-site"),
    *("after-sign-out", "dropped-key", "another-encoding", "huge", "deep", "weak-secret"),
    *("blank-secret", "x5c", "unknown-crit", "unencoded-payload", "recovered-key", "refresh-token"),
}
USUAL_NAMES = {
    *("alg none", "algorithm confusion", "psychic signatures", "kid injection: path", "kid injection: SQL"),
    *("blank secret", "x5c header injection", "unknown crit", "b64=false", "public key recovery", "refresh for access"),
}
each_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


def example_of(name: str) -> Example:
    return example(BY_NAME[name], ISSUER, NOW)


def test_every_required_attack_is_there_once() -> None:
    names = [attack.name for attack in ATTACKS]
    assert not REQUIRED - set(names)
    assert len(names) == len(set(names)) == len({attack.title for attack in ATTACKS}) == 28


def test_every_attack_has_the_name_that_people_search_for() -> None:
    names = [attack.usual_name for attack in ATTACKS]
    assert not USUAL_NAMES - set(names)
    assert len(set(names)) == len(ATTACKS)


def resolve(path: str) -> tuple[ModuleType, Any]:
    """The module and the object that a path such as `gate.Gate.verdict` names."""
    names = path.split(".")
    for length in range(len(names) - 1, 0, -1):
        with suppress(ModuleNotFoundError):
            module = importlib.import_module(".".join(["daypass", *names[:length]]))
            return module, attrgetter(".".join(names[length:]))(module)
    raise AssertionError(path)


@each_attack
def test_the_quoted_line_is_still_in_the_code(attack: Attack) -> None:
    module, defence = resolve(attack.defence.where)
    lines = inspect.getsource(defence if inspect.isroutine(defence) else module).splitlines()
    quoted = attack.defence.line.splitlines()
    stripped = [line.strip() for line in lines]
    assert any(stripped[start : start + len(quoted)] == quoted for start in range(len(stripped)))


@each_attack
def test_words_on_drawings_are_few_and_sentences_end(attack: Attack) -> None:
    assert len(attack.request_label) <= 19
    assert len(attack.finding_label) <= 17
    assert len(attack.hope) <= 82  # two lines on a phone
    for sentence in (attack.hope, attack.why, attack.reference.about):
        assert sentence.endswith((".", ".”"))
        assert "!" not in sentence


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("CVE-2018-0114", "https://www.cve.org/CVERecord?id=CVE-2018-0114"),
        ("RFC 8725 section 3.10", "https://www.rfc-editor.org/rfc/rfc8725#section-3.10"),
        ("A title", None),
    ],
)
def test_a_reference_links_to_its_source(name: str, url: str | None) -> None:
    assert Reference(name, "").url == url


@each_attack
def test_each_reference_is_a_cve_an_rfc_section_or_a_title(attack: Attack) -> None:
    named = re.fullmatch(r"CVE-20\d\d-\d{4,5}|RFC \d{4} section \d+(\.\d+)*", attack.reference.name)
    assert named or attack.name in ("after-sign-out", "dropped-key")


def test_each_throwaway_key_is_generated_once() -> None:
    used = {THROWAWAY_KEYS.key(attack) for attack in ATTACKS for _ in range(2)}
    assert len(used) == len({(attack.rings[0], attack.secret, attack.rsa_exponent) for attack in ATTACKS}) == 5


@each_attack
def test_changed_characters_are_marked(attack: Attack) -> None:
    found = example(attack, ISSUER, NOW)
    marks = {piece.mark for token_part in found.parts for piece in token_part.pieces if piece.mark}
    assert marks == {Mark.TELLING if attack.genuine else Mark.CHANGED}
    assert all(len(piece.text) <= 40 for token_part in found.parts for piece in token_part.pieces)


def test_the_mark_is_where_the_change_is() -> None:
    """A character encodes six bits, so the mark may cover a part of its neighbours."""
    header = example_of("none").parts[0]
    before, changed, _ = header.pieces
    assert (before.text, changed.text) == ("e", part({"alg": "none", "kid": ""})[1:18])
    assert header.notes == ('"alg": "none", was "HS256"',)


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("edited-payload", ['"roles": ["reader", "admin"], was ["reader"]']),
        ("kid-path", [f'"kid": "../../../../../../dev/null", was "{THROWAWAY_KEYS.key(BY_NAME["kid-path"]).kid}"']),
        ("blank-secret", ['"roles": ["reader", "admin"], was ["reader"]']),
        ("unknown-crit", ['"crit": ["cnf"]']),
        ("unencoded-payload", ['"b64": false', '"crit": ["b64"]', '"roles": ["reader", "admin"], was ["reader"]']),
        ("refresh-token", ['"aud": "refresh", was "session"']),
        ("another-site", [f'"iss": "https://elsewhere.example", was "{ISSUER}"']),
        ("after-sign-out", ['"sid": "fedcba9876543210fedcba9876543210"']),
        ("huge", []),
    ],
)
def test_a_change_is_described(name: str, notes: list[str]) -> None:
    described = [note for token_part in example_of(name).parts for note in token_part.notes]
    assert described[: len(notes)] == notes
    assert bool(described) == bool(notes)


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("none", ["changed", "changed", "removed"]),
        ("edited-payload", ["", "changed", ""]),
        ("after-sign-out", ["", "telling", ""]),
        ("two-readings", ["changed", "changed", "changed"]),
        ("x5c", ["changed", "changed", "changed"]),
        ("unencoded-payload", ["telling", "telling", ""]),
        ("weak-secret", ["", "changed", "changed"]),
    ],
)
def test_the_drawing_shows_which_part_was_changed(name: str, marks: list[str]) -> None:
    assert list(example_of(name).marks.values()) == marks


def target(algorithm: Algorithm = Algorithm.HS256, key: SigningKey | None = None) -> Target:
    """A target with a token of a few claims, signed by hand."""
    key = key or signing_key.generate(algorithm)
    text = ".".join([part({"alg": algorithm, "typ": "JWT", "kid": key.kid}), part({"roles": ["admin"], "iat": 1})])
    return Target(f"{text}.{part(signature(key.private, text.encode()))}", key, datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES256", "EdDSA"])
def test_a_signature_by_hand_verifies_with_pyjwt(algorithm: str) -> None:
    forgery_target = target(Algorithm(algorithm))
    for token in (forgery_target.token, forgery_target.issued(name="alice")):
        assert jwt.decode(token, forgery_target.key.public, algorithms=[algorithm])["roles"] == ["admin"]


def test_for_an_admin_the_edited_payload_adds_another_role() -> None:
    (forged,) = BY_NAME["edited-payload"].forge(target())
    assert read_part(forged.split(".")[1])["roles"] == ["admin", "root"]


def test_the_large_forgeries_have_the_described_sizes() -> None:
    (huge,) = BY_NAME["huge"].forge(target())
    (deep,) = BY_NAME["deep"].forge(target())
    assert (len(huge), huge.isascii()) == (100_000, True)
    assert len(deep) <= codec.MAX_TOKEN_LENGTH
    assert all(BY_NAME[name].carrier is Carrier.BEARER for name in ("huge", "deep", "two-readings"))


def test_a_word_of_the_list_is_guessed_and_random_bytes_are_not() -> None:
    for word in (COMMON_SECRETS[0], COMMON_SECRETS[-1]):
        assert guess_secret(target(key=SigningKey("k", Algorithm.HS256, word.encode())).token) == word
    assert guess_secret(target().token) is None
    assert BY_NAME["weak-secret"].forge(target()) == []


def test_a_blank_secret_signs_what_pyjwt_would_not() -> None:
    (forged,) = BY_NAME["blank-secret"].forge(target())
    text, _, signed = forged.rpartition(".")
    assert part(hmac.digest(bytes(64), text.encode(), "sha256")) == signed  # HMAC pads with zeros


def test_the_certificate_is_of_the_key_that_signed() -> None:
    (forged,) = BY_NAME["x5c"].forge(target())
    (encoded,) = read_part(forged.partition(".")[0])["x5c"]
    certificate = x509.load_der_x509_certificate(base64.b64decode(encoded))
    certificate.verify_directly_issued_by(certificate)
    verifier = jwt.get_algorithm_by_name("ES256")
    text, _, signed = forged.rpartition(".")
    assert verifier.verify(text.encode(), certificate.public_key(), part_bytes(signed))


@pytest.mark.parametrize("name", ["unknown-crit", "unencoded-payload", "refresh-token"])
def test_the_signature_of_a_misused_token_is_valid(name: str) -> None:
    forgery_target, verifier = target(), jwt.get_algorithm_by_name("HS256")
    for forged in BY_NAME[name].forge(forgery_target):
        text, _, signed = forged.rpartition(".")
        assert verifier.verify(text.encode(), forgery_target.key.private, part_bytes(signed))


def test_a_shared_secret_has_no_public_half() -> None:
    with pytest.raises(ValueError, match="no public half"):
        target().public_key()
