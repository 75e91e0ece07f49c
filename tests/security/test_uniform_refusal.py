"""Row 68: a refusal tells nothing of its cause, in words or in work. Work is counted in calls, since times are noise.

Counted are the calls of Python, and those that Python makes into C: a comparison in constant time is one of them. What
the work does tell is whether a `kid` is ours, since an unknown one ends before the signature. That is no secret: each
token carries it in the clear.
"""

import gc
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import pytest
from flask import request

from daypass.gate import Credentials, Gate, Pass, Refusal
from daypass.lab.attacks.forging import part_bytes
from daypass.web.context import current_runtime
from daypass.web.credentials import read_credentials
from tests.conftest import PAGE
from tests.security.forging import Target
from tests.security.target_app import CARRIERS, PROGRAM, Carrier, World

pytestmark = pytest.mark.row(68)

Calls = Counter[str]
MOMENT = re.compile(r' (?:datetime|data-moment)="[^>]+>[^<]+<')  # when it was asked for, on a page


@contextmanager
def counted() -> Iterator[Calls]:
    """Every call while the block runs, of Python and of C, by its name."""
    calls = Calls()

    def note(frame: FrameType, event: str, called: Any) -> None:
        if event == "call":
            calls[f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}"] += 1
        elif event == "c_call":
            calls[f"{called.__module__}.{called.__qualname__}"] += 1

    gc.disable()  # what it collects is called whenever it likes
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        gc.enable()


def ask_gate() -> Pass | Refusal:
    """The verdict on the current request, however often it was asked for."""
    runtime = current_runtime()
    credentials = read_credentials(request.environ, runtime.settings.cookie_name)
    return runtime.gate.verdict(credentials, datetime.now(UTC))


def work(world: World, environ: dict[str, str]) -> Calls:
    """The calls of one refusal, once all that happens at the first time only has happened."""
    with world.app.test_request_context("/members", headers=PROGRAM, environ_overrides=environ):
        ask_gate()
        with counted() as calls:
            found = ask_gate()
    assert isinstance(found, Refusal)
    return calls


def wrong_at(target: Target, place: int) -> str:
    """The honest token but for one bit in this byte of its signature."""
    signature = bytearray(target.signature)
    signature[place] ^= 1
    return target.with_signature(bytes(signature))


def with_kid(target: Target, kid: str) -> str:
    return target.with_kept_signature(header=target.header | {"kid": kid})


def last_changed(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def different(text: str) -> str:
    return "".join("0" if letter != "0" else "1" for letter in text)


def forgeries(target: Target) -> dict[str, str]:
    """One of each cause that a forger can bring about without our key."""
    return {
        "no token at all": "x",
        "first byte": wrong_at(target, 0),
        "last byte": wrong_at(target, -1),
        "no signature": target.unsigned(),
        "claims": target.with_kept_signature(payload=target.admin),
        "another session": target.with_kept_signature(payload=target.payload | {"sid": "0" * 32}),
        "expired": target.with_kept_signature(payload=target.payload | {"exp": target.payload["iat"]}),
        "unknown key": with_kid(target, different(target.key.kid)),
        "almost our key": with_kid(target, last_changed(target.key.kid)),
        "algorithm": target.with_kept_signature(header=target.header | {"alg": "none"}),
        "too long": target.token + "A" * 4096,
        "other parts": target.token + ".",
        "no JSON": target.with_kept_signature(payload=b"{"),
    }


@pytest.mark.parametrize("headers", [PROGRAM, PAGE], ids=["program", "browser"])
@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_every_cause_gets_the_same_answer_to_the_letter(
    world: World, carrier: Carrier, headers: dict[str, str]
) -> None:
    answers: dict[tuple[Any, ...], list[str]] = {}
    for cause, forged in forgeries(world.target).items():
        answer = world.get(carrier(forged), headers)
        text = MOMENT.sub(" ><", answer.text)
        told = tuple(line for line in answer.headers if line[0] != "Content-Length"), text
        answers.setdefault((answer.status_code, *told), []).append(cause)
    assert list(answers.values()) == [list(forgeries(world.target))]
    assert next(iter(answers))[0] == 401


@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_a_signature_costs_the_same_wherever_it_is_wrong(world: World, carrier: Carrier) -> None:
    middle = len(world.target.signature) // 2
    first, *others = (work(world, carrier(wrong_at(world.target, place))) for place in (0, 1, middle, -2, -1))
    assert [differing(first, other) for other in others] == [{}] * 4
    assert first.total() > 20


@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_a_forger_learns_of_no_session_by_the_work_it_causes(world: World, carrier: Carrier) -> None:
    """The signature comes first, so nobody is looked up: live, unknown, another's."""
    payload, target = world.target.payload, world.target
    other_sessions: tuple[dict[str, str], ...] = (
        {},
        {"sid": "0" * 32},
        {"sub": "0" * 32},
        {"sid": target.admin["sid"]},
    )
    texts = [target.with_signature(bytes(64), payload=payload | changes) for changes in other_sessions]
    first, *others = (work(world, carrier(text)) for text in texts)
    assert [differing(first, other) for other in others] == [{}] * 3


@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_an_unknown_key_costs_the_same_however_near_its_id_is(world: World, carrier: Carrier) -> None:
    """And less than a known one: nothing is fetched, nothing is asked of the database, nothing is verified."""
    kid = world.target.key.kid
    near, far = (work(world, carrier(with_kid(world.target, made(kid)))) for made in (last_changed, different))
    known = work(world, carrier(wrong_at(world.target, 0)))
    assert differing(near, far) == {}
    assert near.total() < known.total()
    for calls in (near, far, known):
        assert [name for name in calls if "sqlalchemy" in name or "/daypass/sessions/confirmation.py" in name] == []


def test_work_that_depends_on_the_secret_would_have_been_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that stops at the first byte that is wrong does more calls the later that is."""
    honest, verdict = world.target.signature, Gate.verdict

    def careless(gate: Gate, credentials: Credentials, now: datetime) -> Pass | Refusal:
        for right, given in zip(honest, part_bytes((credentials.bearer or "").rpartition(".")[2]), strict=True):
            if abs(right - given):
                break
        return verdict(gate, credentials, now)

    monkeypatch.setattr(Gate, "verdict", careless)
    bearer: Callable[[str], dict[str, str]] = CARRIERS[1]
    first, last = (work(world, bearer(wrong_at(world.target, place))) for place in (0, -1))
    assert differing(first, last) == {"builtins.abs": len(honest) - 1}


def differing(some: Calls, others: Calls) -> dict[str, int]:
    """The calls that the one has made more often than the other, and by how many."""
    return {name: abs(some[name] - others[name]) for name in some | others if some[name] != others[name]}
