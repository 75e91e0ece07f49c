"""The gallery's attacks, in the gallery and on the real gate and keys."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from daypass.database.transactions import write_transaction
from daypass.gate import Gate
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.lab.attacks import recovered_key, runner
from daypass.lab.attacks.attack import Attack, Carrier, Interlude
from daypass.lab.attacks.catalogue import ATTACKS, BY_NAME
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.runner import Outcome
from daypass.lab.attacks.weak_secrets import BLANK, WEAK, guess_secret
from daypass.net.client import Client
from daypass.sessions.revocation import Revocations
from daypass.tokens import codec
from daypass.tokens.claims import Token
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY
from tests.security import gullible_verifier
from tests.security.forging import ENDED, EXPIRED, FORGED
from tests.security.target_app import TargetApp, as_bearer, as_cookie, difference

SHAPE = ["not three base64url parts"]
HEADER = ["header is not alg, typ, kid"]
SIGNATURE = ["Signature verification failed"]
REASONS = {  # the beginning of each line in the log
    "none": SHAPE,
    "none-variants": ["key "] * 5,
    "edited-payload": SIGNATURE,
    "cut-signature": SIGNATURE + SHAPE,
    "psychic-signature": SIGNATURE,
    "blank-secret": SIGNATURE,
    "public-key-rs256": ["key "],
    "recovered-key": ["key "],
    "public-key-es256": ["key "],
    "jwk": HEADER,
    "jku": HEADER,
    "x5c": HEADER,
    "kid-path": ["no key '../../"],
    "kid-sql": ["no key \"x' UNION SELECT"],
    "unknown-crit": HEADER,
    "unencoded-payload": HEADER,
    "expired": ["expired"],
    "not-yet-valid": ["issued in the future", "The token is not yet valid (nbf)"],
    "another-purpose": ["issued for another purpose: reset", "issued for another purpose: confirm_address"],
    "refresh-token": ["issued for another purpose: refresh", "issued for another purpose: device"],
    "another-site": ["Invalid issuer"],
    "after-sign-out": ["session ended"],
    "dropped-key": ["no key "],
    "another-encoding": SHAPE,
    "two-readings": SHAPE,
    "huge": ["too long"],
    "deep": ["It is nested deeper than"],
    "weak-secret": [],
}
MESSAGES = {"expired": EXPIRED, "after-sign-out": ENDED}


@pytest.fixture
def attempt(target_apps: Callable[[str], TargetApp]) -> Callable[[Attack], Outcome]:
    """A function that runs an attack through the gallery, as alice, with HS256."""
    target_app = target_apps("HS256")

    def attempt(attack: Attack) -> Outcome:
        with target_app.app.app_context():
            runtime = current_runtime()
            return runner.run(
                attack,
                db=current_db(),
                account_id=target_app.target.payload["sub"],
                client=Client("192.0.2.1", "Test"),
                issuer=runtime.settings.base_url,
                new_gate=runtime.gate.with_keys,
            )

    return attempt


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_each_attack_of_the_gallery_ends_as_described(attempt: Callable[[Attack], Outcome], attack: Attack) -> None:
    outcome, expected = attempt(attack), REASONS[attack.name]
    assert outcome.control_accepted
    assert outcome.let_in == attack.gets_in == (attack.name == "weak-secret")
    assert outcome.refused != attack.gets_in
    assert len(outcome.reasons) == len(expected)
    assert all(map(str.startswith, outcome.reasons, expected)), outcome.reasons
    assert outcome.message == ("" if attack.gets_in else MESSAGES.get(attack.name, FORGED))


@pytest.mark.parametrize(
    ("attack", "algorithm"),
    [
        (attack, algorithm)
        for attack in ATTACKS
        if attack.interlude is not Interlude.DROP_THE_KEY
        for algorithm in attack.rings
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_real_gate_refuses_what_the_gallery_shows(
    target_apps: Callable[[str], TargetApp], monkeypatch: pytest.MonkeyPatch, attack: Attack, algorithm: Algorithm
) -> None:
    """Each attack uses the real key ring and a token that the site has issued.

    A public key with the usual exponent takes minutes to recover, so the published one is used instead.
    """
    target_app = target_apps(algorithm)
    monkeypatch.setattr(recovered_key, "recover", lambda *tokens: target_app.target.key.public)
    _, token = target_app.add_user(f"{attack.name}-{algorithm.value}".lower()[:32])
    forged = attack.forge(Target(token, target_app.target.key, datetime.now(UTC)))
    assert target_app.get(as_bearer(token)).status_code == 200
    if attack.interlude is Interlude.SIGN_OUT:
        client = target_app.app.test_client(use_cookies=False)
        assert client.post("/logout", headers={"Authorization": f"Bearer {token}"}).status_code in (204, 303)
    carriers = [as_bearer] if attack.carrier is Carrier.BEARER else [as_bearer, as_cookie]
    responses = [target_app.get(carry(text)) for text in forged for carry in carriers]
    message = MESSAGES.get(attack.name, FORGED)
    assert [found for response in responses if (found := difference(response, message))] == []
    assert len(responses) > 0 or attack is WEAK


def test_the_real_gate_refuses_a_token_of_a_dropped_key_as_the_gallery_shows(own_target_app: TargetApp) -> None:
    """A retired key's token is accepted, and refused once the key is dropped."""
    target_app, key = own_target_app, own_target_app.target.key
    dropped = [attack for attack in ATTACKS if attack.interlude is Interlude.DROP_THE_KEY]
    forged = [
        text for attack in dropped for text in attack.forge(Target(target_app.target.token, key, datetime.now(UTC)))
    ]
    assert len(forged) > 0
    with target_app.app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), signing_key.generate(key.algorithm), SECRET_KEY)
    assert [target_app.get(as_bearer(text)).status_code for text in forged] == [200] * len(forged)
    with target_app.app.app_context(), write_transaction(current_db()):
        rotation.drop(current_db(), key.kid)
    responses = [target_app.get(carry(text)) for text in forged for carry in (as_bearer, as_cookie)]
    assert [found for response in responses if (found := difference(response, FORGED))] == []


@pytest.mark.parametrize("algorithm", ["HS256"])
def test_the_word_list_does_not_contain_our_secret(target_apps: Callable[[str], TargetApp], algorithm: str) -> None:
    assert guess_secret(target_apps(algorithm).target.token) is None


def test_a_random_secret_is_not_guessed(attempt: Callable[[Attack], Outcome]) -> None:
    outcome = attempt(dataclasses.replace(WEAK, secret=None))
    assert (outcome.control_accepted, outcome.let_in) == (True, False)


@pytest.fixture
def unconfirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No gate compares claims with the database, where it would find that a forged role is wrong."""
    monkeypatch.setattr(Gate, "_is_confirmed", lambda gate, claims: True)


@pytest.mark.usefixtures("unconfirmed")
def test_a_gate_with_a_secret_of_zeros_would_be_open_to_the_blank_one(attempt: Callable[[Attack], Outcome]) -> None:
    """To HMAC they are the same. PyJWT refuses to sign with an empty secret."""
    outcome = attempt(dataclasses.replace(BLANK, secret="\0" * 32))
    assert (outcome.control_accepted, outcome.let_in) == (True, True)


def unverified(text: str, ring: KeyRing, issuer: str) -> tuple[dict[str, object], dict[str, object]]:
    """A replacement for `codec._verify` that decodes without verifying."""
    header, payload, _ = text.split(".")
    return codec._json_object(header), codec._json_object(payload)


class EveryPurpose(dict[str, int]):
    """Accepts tokens of any purpose, with any lifetime."""

    def __contains__(self, purpose: object) -> bool:
        return True

    def __missing__(self, purpose: str) -> int:
        return 2**31


real_decode = codec.decode


def decode_for_any_purpose(text: str, *, purposes: Mapping[str, int], **options: Any) -> Token:
    """A replacement for `codec.decode` that ignores what a token is for."""
    return real_decode(text, purposes=EveryPurpose(), **options)


BROKEN: dict[str, tuple[object, str, object, tuple[str, ...]]] = {
    "the shape": (codec, "COMPACT_FORM", re.compile(r"[^.]+(?:\.[^.]+){2}"), ("another-encoding",)),
    "the clock": (codec, "check_time", lambda claims, now: None, ("expired", "not-yet-valid")),
    "revocation": (Revocations, "_keep", lambda self, session_id, here, *, life, left: None, ("after-sign-out",)),
    "the header": (
        codec,
        "_verify",
        gullible_verifier.verify,
        ("public-key-rs256", "recovered-key", "x5c", "unknown-crit", "unencoded-payload"),
    ),
    "the purpose": (codec, "decode", decode_for_any_purpose, ("another-purpose", "refresh-token")),
    "the signature": (codec, "_verify", unverified, ("cut-signature", "another-site", "dropped-key")),
}


@pytest.mark.usefixtures("unconfirmed")
@pytest.mark.parametrize("defence", BROKEN)
def test_a_broken_defence_shows_in_the_gallery(
    attempt: Callable[[Attack], Outcome], monkeypatch: pytest.MonkeyPatch, defence: str
) -> None:
    """The real gate decides, and no attack fails for a trivial reason."""
    owner, name, replacement, attacks = BROKEN[defence]
    monkeypatch.setattr(owner, name, replacement)
    for attack in attacks:
        outcome = attempt(BY_NAME[attack])
        assert (attack, outcome.control_accepted, outcome.let_in) == (attack, True, True)
        assert not outcome.refused


def test_without_a_control_nothing_counts_as_refused(
    attempt: Callable[[Attack], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec, "MAX_TOKEN_LENGTH", 10)
    monkeypatch.setattr(codec, "encode", lambda claims, key: "e30.e30.AA")
    outcome = attempt(BY_NAME["huge"])
    assert (outcome.control_accepted, outcome.let_in, outcome.refused) == (False, False, False)


def test_a_token_of_the_gallery_opens_no_real_page(
    target_apps: Callable[[str], TargetApp], attempt: Callable[[Attack], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real key ring lacks the gallery's key, even while the session is live."""
    target_app, verdict, statuses = target_apps("HS256"), runner._verdict, list[int]()

    def verdict_and_request(gate: Gate, text: str, carrier: Carrier) -> object:
        statuses.append(target_app.get(as_bearer(text)).status_code)
        return verdict(gate, text, carrier)

    monkeypatch.setattr(runner, "_verdict", verdict_and_request)
    assert attempt(WEAK).let_in
    assert statuses == [401, 401]
