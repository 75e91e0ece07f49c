"""A refusal reveals nothing about its cause, in its text or its work.

Work is counted in calls, because times are noisy: calls of Python functions, and those that Python makes into C, where
a constant-time comparison is one call. The work does reveal whether a `kid` is ours, since a token with an unknown one
is refused before its signature is verified. That is no secret: each token carries it in the clear.
"""

import gc
import re
import sys
from collections import Counter
from collections.abc import Iterator
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
from tests.security.target_app import CARRIERS, PROGRAM, Carrier, TargetApp, as_bearer

pytestmark = pytest.mark.row(68)

Calls = Counter[str]
MOMENT = re.compile(r' (?:datetime|data-moment)="[^>]+>[^<]+<')  # the time of the request, on a page


@contextmanager
def counted_calls() -> Iterator[Calls]:
    """Count the calls of Python and C functions, by name, while the block runs."""
    calls = Calls()

    def record(frame: FrameType, event: str, called: Any) -> None:
        if event == "call":
            calls[f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}"] += 1
        elif event == "c_call":
            calls[f"{called.__module__}.{called.__qualname__}"] += 1

    gc.disable()  # garbage collection would call finalizers at random times
    sys.setprofile(record)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        gc.enable()


def ask_gate() -> Pass | Refusal:
    """The gate's verdict on the current request."""
    runtime = current_runtime()
    credentials = read_credentials(request.environ, runtime.settings.cookie_name)
    return runtime.gate.verdict(credentials, datetime.now(UTC))


def calls_of_refusal(target_app: TargetApp, environ: dict[str, str]) -> Calls:
    """The calls of one refusal, after a first one that fills caches."""
    with target_app.app.test_request_context("/members", headers=PROGRAM, environ_overrides=environ):
        ask_gate()
        with counted_calls() as calls:
            verdict = ask_gate()
    assert isinstance(verdict, Refusal)
    return calls


def with_bit_flipped(target: Target, index: int) -> str:
    """The genuine token with one bit of this byte of its signature flipped."""
    signature = bytearray(target.signature)
    signature[index] ^= 1
    return target.with_signature(bytes(signature))


def with_kid(target: Target, kid: str) -> str:
    return target.with_kept_signature(header=target.header | {"kid": kid})


def with_last_digit_changed(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def different(text: str) -> str:
    return "".join("0" if letter != "0" else "1" for letter in text)


def forgeries(target: Target) -> dict[str, str]:
    """One forgery for each cause that an attacker can bring about without our key."""
    return {
        "no token at all": "x",
        "first byte": with_bit_flipped(target, 0),
        "last byte": with_bit_flipped(target, -1),
        "no signature": target.unsigned(),
        "claims": target.with_kept_signature(payload=target.admin),
        "another session": target.with_kept_signature(payload=target.payload | {"sid": "0" * 32}),
        "expired": target.with_kept_signature(payload=target.payload | {"exp": target.payload["iat"]}),
        "unknown key": with_kid(target, different(target.key.kid)),
        "almost our key": with_kid(target, with_last_digit_changed(target.key.kid)),
        "algorithm": target.with_kept_signature(header=target.header | {"alg": "none"}),
        "too long": target.token + "A" * 4096,
        "other parts": target.token + ".",
        "no JSON": target.with_kept_signature(payload=b"{"),
    }


VARYING_HEADERS = ("Content-Length", "X-Request-Id")  # the page shows the time; each request has its own id


@pytest.mark.parametrize("headers", [PROGRAM, PAGE], ids=["program", "browser"])
@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_every_cause_gets_exactly_the_same_response(
    target_app: TargetApp, carrier: Carrier, headers: dict[str, str]
) -> None:
    responses: dict[tuple[Any, ...], list[str]] = {}
    for cause, forged in forgeries(target_app.target).items():
        response = target_app.get(carrier(forged), headers)
        text = MOMENT.sub(" ><", response.text)
        content = tuple(line for line in response.headers if line[0] not in VARYING_HEADERS), text
        responses.setdefault((response.status_code, *content), []).append(cause)
    assert list(responses.values()) == [list(forgeries(target_app.target))]
    assert next(iter(responses))[0] == 401


@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_a_signature_costs_the_same_wherever_it_is_wrong(target_app: TargetApp, carrier: Carrier) -> None:
    middle = len(target_app.target.signature) // 2
    first, *others = (
        calls_of_refusal(target_app, carrier(with_bit_flipped(target_app.target, index)))
        for index in (0, 1, middle, -2, -1)
    )
    assert [difference(first, other) for other in others] == [{}] * 4
    assert first.total() > 20


@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_the_work_of_a_refusal_reveals_no_session(target_app: TargetApp, carrier: Carrier) -> None:
    """The signature is verified first, so no session is looked up."""
    payload, target = target_app.target.payload, target_app.target
    other_sessions: tuple[dict[str, str], ...] = (
        {},
        {"sid": "0" * 32},
        {"sub": "0" * 32},
        {"sid": target.admin["sid"]},
    )
    texts = [target.with_signature(bytes(64), payload=payload | changes) for changes in other_sessions]
    first, *others = (calls_of_refusal(target_app, carrier(text)) for text in texts)
    assert [difference(first, other) for other in others] == [{}] * 3


@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
def test_an_unknown_key_costs_the_same_however_similar_its_id(target_app: TargetApp, carrier: Carrier) -> None:
    """It costs less than a known key: nothing is fetched, queried or verified."""
    kid = target_app.target.key.kid
    near, far = (
        calls_of_refusal(target_app, carrier(with_kid(target_app.target, change(kid))))
        for change in (with_last_digit_changed, different)
    )
    known = calls_of_refusal(target_app, carrier(with_bit_flipped(target_app.target, 0)))
    assert difference(near, far) == {}
    assert near.total() < known.total()
    for calls in (near, far, known):
        assert [name for name in calls if "sqlalchemy" in name or "/daypass/sessions/confirmation.py" in name] == []


def test_work_that_depends_on_the_secret_would_have_been_noticed(
    target_app: TargetApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comparison that stops at a wrong byte makes more calls the later it is."""
    genuine, verdict = target_app.target.signature, Gate.verdict

    def leaky(gate: Gate, credentials: Credentials, now: datetime) -> Pass | Refusal:
        for expected, given in zip(genuine, part_bytes((credentials.bearer or "").rpartition(".")[2]), strict=True):
            if abs(expected - given):
                break
        return verdict(gate, credentials, now)

    monkeypatch.setattr(Gate, "verdict", leaky)
    first, last = (
        calls_of_refusal(target_app, as_bearer(with_bit_flipped(target_app.target, index))) for index in (0, -1)
    )
    assert difference(first, last) == {"builtins.abs": len(genuine) - 1}


def difference(some: Calls, others: Calls) -> dict[str, int]:
    """The names whose numbers of calls differ, and by how much."""
    return {name: abs(some[name] - others[name]) for name in some | others if some[name] != others[name]}
