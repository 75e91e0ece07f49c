"""Response times reveal neither which names exist nor which accounts are throttled (ASVS 6.3.8)."""

import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.security import generate_password_hash

from daypass.accounts.password_hasher import METHOD
from tests.conftest import PAGE, PASSWORD, create_account
from tests.helpers.rounds import rounds

pytestmark = pytest.mark.alone

TIMES = rounds(full=50, quick=12)  # sign-ins of each kind
ATTEMPTS = 3  # a busy machine may spoil one of them
TOLERANCE = 0.05


@pytest.fixture(autouse=True)
def cheap_hashes() -> None:
    """Hash at the real cost."""


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_LIMIT_ADDRESS": "off", "DAYPASS_LIMIT_ACCOUNT": "1000/1h"}


@pytest.fixture
def sign_in_kinds(app: Flask) -> dict[str, tuple[str, str]]:
    """Names and passwords by kind: a right password, a wrong one, an unknown name."""
    create_account(app, generate_password_hash(PASSWORD, METHOD), "alice")
    return {
        "right": ("alice", PASSWORD),
        "wrong": ("alice", "not the password"),
        "unknown": ("nobody", PASSWORD),
        "unknown and wrong": ("nobody", "not the password"),
    }


def interleaved_medians(send: dict[str, Callable[[], None]], times: int) -> dict[str, float]:
    """The median seconds of each kind of request, sent in turn."""
    taken: dict[str, list[float]] = {kind: [] for kind in send}
    for _ in range(times):
        for kind, request in send.items():
            began = time.perf_counter()
            request()
            taken[kind].append(time.perf_counter() - began)
    return {kind: statistics.median(seconds) for kind, seconds in taken.items()}


def spread(medians: dict[str, float]) -> float:
    """By how much the slowest kind exceeds the fastest, as a ratio."""
    return max(medians.values()) / min(medians.values()) - 1


def attempts(send: dict[str, Callable[[], None]]) -> Iterator[dict[str, float]]:
    for request in send.values():
        request()  # the first request opens connections and loads keys
    for _ in range(ATTEMPTS):
        yield interleaved_medians(send, TIMES)


def test_sign_ins_take_the_same_time_with_known_and_unknown_names_and_right_and_wrong_passwords(
    app: Flask, sign_in_kinds: dict[str, tuple[str, str]]
) -> None:
    client = app.test_client(use_cookies=False)

    def sender(name: str, password: str) -> Callable[[], None]:
        def send() -> None:
            client.post("/login", headers=PAGE, data={"username": name, "password": password})

        return send

    found = []
    for medians in attempts({kind: sender(*fields) for kind, fields in sign_in_kinds.items()}):
        found.append({kind: f"{1000 * seconds:.1f} ms" for kind, seconds in medians.items()})
        if spread(medians) <= TOLERANCE:
            return
    pytest.fail(f"the medians differ by more than {TOLERANCE:.0%}: {found}")
