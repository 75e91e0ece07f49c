"""The gallery's attacks: through its own gate as it says, and on the real gate with the real ring of each kind."""

import dataclasses
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from daypass.database.transactions import write_transaction
from daypass.gate import Gate
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.lab.attacks import trial
from daypass.lab.attacks.attack import Attack, Carrier, Interlude
from daypass.lab.attacks.catalogue import ATTACKS, BY_NAME
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.key_confusion import WEAK, guessed
from daypass.lab.attacks.trial import Outcome
from daypass.net.client import Client
from daypass.sessions.revocation import Revocations
from daypass.tokens import codec
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY
from tests.security.forging import ENDED, EXPIRED, FORGED
from tests.security.target_app import World, as_bearer, as_cookie, difference

SHAPE = ["not three base64url parts"]
HEADER = ["header is not alg, typ, kid"]
SIGNATURE = ["Signature verification failed"]
REASONS = {  # how the log's lines begin, each of them once
    "none": SHAPE,
    "spelt-none": ["key "] * 5,
    "edited-payload": SIGNATURE,
    "cut-signature": SIGNATURE + SHAPE,
    "psychic-signature": SIGNATURE,
    "public-key-rs256": ["key "],
    "public-key-es256": ["key "],
    "jwk": HEADER,
    "jku": HEADER,
    "kid-path": ["no key '../../"],
    "kid-sql": ["no key \"x' UNION SELECT"],
    "expired": ["expired"],
    "not-yet-valid": ["issued in the future", "The token is not yet valid (nbf)"],
    "another-purpose": ["issued for another purpose: setup", "issued for another purpose: reset"],
    "another-site": ["Invalid issuer"],
    "after-sign-out": ["session ended"],
    "dropped-key": ["no key "],
    "another-spelling": SHAPE,
    "two-readings": SHAPE,
    "huge": ["too long"],
    "deep": ["It is nested deeper than"],
    "weak-secret": [],
}
TOLD = {"expired": EXPIRED, "after-sign-out": ENDED}


@pytest.fixture
def attempt(worlds: Callable[[str], World]) -> Callable[[Attack], Outcome]:
    """Try an attack through the gallery, as alice, at a site that signs with HS256."""
    world = worlds("HS256")

    def attempt(attack: Attack) -> Outcome:
        with world.app.app_context():
            runtime = current_runtime()
            return trial.run(
                attack,
                db=current_db(),
                account_id=world.target.payload["sub"],
                client=Client("192.0.2.1", "Test"),
                issuer=runtime.settings.base_url,
                new_gate=runtime.gate.with_keys,
            )

    return attempt


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_gallery_gives_the_verdict_that_it_is_said_to_give(
    attempt: Callable[[Attack], Outcome], attack: Attack
) -> None:
    outcome, expected = attempt(attack), REASONS[attack.name]
    assert outcome.control
    assert outcome.let_in == attack.gets_in == (attack.name == "weak-secret")
    assert outcome.refused != attack.gets_in
    assert len(outcome.reasons) == len(expected)
    assert all(map(str.startswith, outcome.reasons, expected)), outcome.reasons
    assert outcome.told == ("" if attack.gets_in else TOLD.get(attack.name, FORGED))


@pytest.mark.parametrize(
    ("attack", "ring"),
    [(attack, ring) for attack in ATTACKS if attack.meanwhile is not Interlude.DROP_THE_KEY for ring in attack.rings],
    ids=lambda it: getattr(it, "name", it),
)
def test_the_real_gate_refuses_what_the_gallery_shows(
    worlds: Callable[[str], World], attack: Attack, ring: Algorithm
) -> None:
    """With the real ring, the public half of its key, and what the site itself has signed."""
    world = worlds(ring)
    _, token = world.somebody(f"{attack.name}-{ring.value}".lower()[:32])
    forged = attack.forge(Target(token, world.target.key, datetime.now(UTC)))
    assert world.get(as_bearer(token)).status_code == 200
    if attack.meanwhile is Interlude.SIGN_OUT:
        client = world.app.test_client(use_cookies=False)
        assert client.post("/logout", headers={"Authorization": f"Bearer {token}"}).status_code in (204, 303)
    carriers = [as_bearer] if attack.carrier is Carrier.BEARER else [as_bearer, as_cookie]
    answers = [world.get(carry(text)) for text in forged for carry in carriers]
    told = TOLD.get(attack.name, FORGED)
    assert [found for answer in answers if (found := difference(answer, told))] == []
    assert len(answers) > 0 or attack is WEAK


def test_the_real_gate_refuses_a_token_of_a_dropped_key_as_the_gallery_shows(own_world: World) -> None:
    """The key signed, was retired, and is dropped: only then is its token refused."""
    world, key = own_world, own_world.target.key
    dropped = [attack for attack in ATTACKS if attack.meanwhile is Interlude.DROP_THE_KEY]
    forged = [text for attack in dropped for text in attack.forge(Target(world.target.token, key, datetime.now(UTC)))]
    assert len(forged) > 0
    with world.app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), signing_key.generate(key.algorithm), SECRET_KEY)
    assert [world.get(as_bearer(text)).status_code for text in forged] == [200] * len(forged)
    with world.app.app_context(), write_transaction(current_db()):
        rotation.drop(current_db(), key.kid)
    answers = [world.get(carry(text)) for text in forged for carry in (as_bearer, as_cookie)]
    assert [found for answer in answers if (found := difference(answer, FORGED))] == []


@pytest.mark.parametrize("ring", ["HS256"])
def test_no_secret_of_ours_is_on_the_list(worlds: Callable[[str], World], ring: str) -> None:
    assert guessed(worlds(ring).target.token) is None


def test_a_random_secret_is_not_guessed(attempt: Callable[[Attack], Outcome]) -> None:
    outcome = attempt(dataclasses.replace(WEAK, secret=None))
    assert (outcome.control, outcome.let_in) == (True, False)


def unverified(text: str, ring: KeyRing, issuer: str) -> tuple[dict[str, object], dict[str, object]]:
    """What `tokens._verify` would return if it only decoded."""
    header, payload, _ = text.split(".")
    return codec._json_object(header), codec._json_object(payload)


BROKEN: dict[str, tuple[object, str, object, tuple[str, ...]]] = {
    "the shape": (codec, "COMPACT_FORM", re.compile(r"[^.]+(?:\.[^.]+){2}"), ("another-spelling",)),
    "the clock": (codec, "check_time", lambda claims, now: None, ("expired", "not-yet-valid")),
    "revocation": (Revocations, "check", lambda self, session_id: None, ("after-sign-out",)),
    "the signature": (codec, "_verify", unverified, ("cut-signature", "another-site", "dropped-key")),
}


@pytest.mark.parametrize("defence", BROKEN)
def test_a_broken_defence_is_seen_in_the_gallery(
    attempt: Callable[[Attack], Outcome], monkeypatch: pytest.MonkeyPatch, defence: str
) -> None:
    """So it is the real gate that decides, and no attack is refused for a trivial reason."""
    owner, name, instead, attacks = BROKEN[defence]
    monkeypatch.setattr(owner, name, instead)
    for attack in attacks:
        outcome = attempt(BY_NAME[attack])
        assert (attack, outcome.control, outcome.let_in) == (attack, True, True)
        assert not outcome.refused


def test_without_a_control_nothing_counts_as_refused(
    attempt: Callable[[Attack], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec, "MAX_TOKEN_LENGTH", 10)
    monkeypatch.setattr(codec, "encode", lambda claims, key: "e30.e30.AA")
    outcome = attempt(BY_NAME["huge"])
    assert (outcome.control, outcome.let_in, outcome.refused) == (False, False, False)


def test_a_token_of_the_gallery_opens_no_real_page(
    worlds: Callable[[str], World], attempt: Callable[[Attack], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even while its session lives: the real ring does not know the key."""
    world, ask, answers = worlds("HS256"), trial._verdict, list[int]()

    def ask_both(gate: Gate, text: str, carrier: Carrier) -> object:
        answers.append(world.get(as_bearer(text)).status_code)
        return ask(gate, text, carrier)

    monkeypatch.setattr(trial, "_verdict", ask_both)
    assert attempt(WEAK).let_in
    assert answers == [401, 401]
