"""Response times reveal neither which names and addresses exist, nor which accounts were deleted (ASVS 6.3.8)."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import pytest
from flask import Flask
from werkzeug.security import generate_password_hash

from daypass.accounts import accounts
from daypass.accounts.password_hasher import METHOD
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, create_account
from tests.helpers.mail import give_address, mail_settings
from tests.helpers.rounds import rounds
from tests.helpers.server import free_port

pytestmark = pytest.mark.alone

TIMES = rounds(full=40, quick=12)  # requests of each kind that hash a password
CHEAP_TIMES = rounds(full=200, quick=60)  # of each kind that does not
ATTEMPTS = 3  # a busy machine may spoil one of them
TOLERANCE = 0.05
# a right password also starts a session, with caches that the hash has emptied; that it was right is no secret
SUCCESS_TOLERANCE = 0.25


@pytest.fixture(autouse=True)
def cheap_hashes() -> None:
    """Hash at the real cost."""


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """Sign-up and mail, without the limits that this many attempts would reach."""
    limits = {"DAYPASS_LIMIT_ADDRESS": "off", "DAYPASS_LIMIT_SIGNUP": "off", "DAYPASS_LIMIT_MAIL": "off"}
    limits["DAYPASS_LIMIT_ACCOUNT"] = "1000/1h"
    return environ | mail_settings(free_port()) | limits | {"DAYPASS_SIGNUP": "open"}


@pytest.fixture
def real_hash() -> str:
    """A hash of PASSWORD at the real cost."""
    return generate_password_hash(PASSWORD, METHOD)


def interleaved_medians(send: Mapping[str, Callable[[], None]], times: int) -> dict[str, float]:
    """The median seconds of each kind of request, sent in turn."""
    taken: dict[str, list[float]] = {kind: [] for kind in send}
    for _ in range(times):
        for kind, request in send.items():
            began = time.perf_counter()
            request()
            taken[kind].append(time.perf_counter() - began)
    return {kind: statistics.median(seconds) for kind, seconds in taken.items()}


def spread(medians: Iterable[float]) -> float:
    """By how much the slowest kind exceeds the fastest, as a ratio."""
    fastest, *_, slowest = sorted(medians)
    return slowest / fastest - 1


def attempts(send: Mapping[str, Callable[[], None]], times: int) -> Iterator[dict[str, float]]:
    for request in send.values():
        request()  # the first request opens connections and loads keys
    for _ in range(ATTEMPTS):
        yield interleaved_medians(send, times)


def check_same_time(
    app: Flask,
    path: str,
    forms: Mapping[str, dict[str, str]],
    *,
    status: int,
    times: int,
    success: dict[str, str] | None = None,
) -> None:
    """Post each form in turn, which must get this response. The median times must agree.

    success: a form that gets a redirect instead.
    """
    client = app.test_client(use_cookies=False)

    def sender(form: dict[str, str], status: int) -> Callable[[], None]:
        def send() -> None:
            assert client.post(path, headers=PAGE, data=form).status_code == status

        return send

    send = {kind: sender(form, status) for kind, form in forms.items()}
    if success is not None:
        send["success"] = sender(success, 303)
    found = []
    for medians in attempts(send, times):
        found.append({kind: f"{1000 * seconds:.2f} ms" for kind, seconds in medians.items()})
        if spread(medians.values()) <= SUCCESS_TOLERANCE and spread(medians[kind] for kind in forms) <= TOLERANCE:
            return
    pytest.fail(f"the medians differ by more than {TOLERANCE:.0%}, or {SUCCESS_TOLERANCE:.0%} with a success: {found}")


def test_sign_ins_take_the_same_time_with_known_and_unknown_names_and_right_and_wrong_passwords(
    app: Flask, real_hash: str
) -> None:
    create_account(app, real_hash, "alice")
    right = {"username": "alice", "password": PASSWORD}
    forms = {
        "wrong": {"username": "alice", "password": "not the password"},
        "unknown": {"username": "nobody", "password": PASSWORD},
        "unknown and wrong": {"username": "nobody", "password": "not the password"},
    }
    check_same_time(app, "/login", forms, success=right, status=401, times=TIMES)


def test_forgotten_passwords_take_the_same_time_for_every_account_and_for_none(app: Flask, password_hash: str) -> None:
    give_address(app, create_account(app, password_hash, "alice"), "alice@example.org")
    create_account(app, password_hash, "bob")
    forms = {
        "name with an address": {"account": "alice"},
        "address": {"account": "alice@example.org"},
        "name without an address": {"account": "bob"},
        "unknown name": {"account": "carol"},
        "unknown address": {"account": "carol@example.org"},
        "malformed": {"account": "<\u202e> @"},
    }
    check_same_time(app, "/forgot", forms, status=200, times=CHEAP_TIMES)


@pytest.fixture
def unavailable_names(app: Flask, real_hash: str) -> None:
    """Create alice and admin, and delete bob."""
    for name in ("alice", "bob", "admin"):
        create_account(app, real_hash, name)
    with app.app_context(), write_transaction(current_db()):
        accounts.delete(current_db(), current_db().query(Account).filter_by(name="bob").one())


@pytest.mark.usefixtures("unavailable_names")
def test_sign_up_takes_the_same_time_for_names_of_accounts_and_of_deleted_accounts(app: Flask) -> None:
    forms = {name: {"username": name, "password": PASSWORD} for name in ("alice", "bob")}
    check_same_time(app, "/signup", forms, status=409, times=2 * TIMES)


@pytest.mark.usefixtures("unavailable_names")
def test_sign_up_takes_the_same_time_for_reserved_names_with_and_without_an_account(app: Flask) -> None:
    forms = {name: {"username": name, "password": PASSWORD} for name in ("admin", "abuse")}
    check_same_time(app, "/signup", forms, status=422, times=2 * TIMES)


@pytest.mark.usefixtures("unavailable_names")
def test_a_weak_password_is_refused_in_the_same_time_for_free_and_unavailable_names(app: Flask) -> None:
    names = ("alice", "bobby", "admin", "carol")
    forms = {name: {"username": name, "password": "password1"} for name in names}
    check_same_time(app, "/signup", forms, status=422, times=CHEAP_TIMES)
