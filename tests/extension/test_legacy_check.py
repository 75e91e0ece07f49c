"""People of an older system, whose accounts are created when they sign in."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, request
from sqlalchemy import delete, select

from daypass import Daypass, LegacyAccount, signals
from daypass.accounts import accounts, password_hasher
from daypass.audit.entry import Entry
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.testing import signed_in
from daypass.web.context import current_db
from daypass.web.sign_in_password import LEGACY_CHECK
from tests.conftest import close_app
from tests.extension.conftest import browser

RIGHT = "correct horse"
OLD = {"ann": RIGHT, "bob": RIGHT}


@pytest.fixture
def asked() -> list[str]:
    """The names about which the older system was asked."""
    return []


@pytest.fixture
def shop(bare_host: Flask, asked: list[str]) -> Iterator[Flask]:
    """An app whose visitors may have accounts of an older system."""
    daypass = Daypass(bare_host)

    @daypass.legacy_check
    def old_user(name: str, password: str) -> LegacyAccount | None:
        assert request.endpoint == "daypass.signin.login_post"  # the app's own database needs the context
        asked.append(name)
        if OLD.get(name) != password:
            return None
        return LegacyAccount(roles=["staff"], email=f"{name}@example.org")

    yield bare_host
    close_app(bare_host)


def sign_in(app: Flask, name: str, password: str = RIGHT) -> int:
    return browser(app).post("/auth/login", data={"username": name, "password": password}).status_code


def account(app: Flask, name: str) -> Account | None:
    with app.app_context():
        return current_db().scalars(select(Account).where(Account.name == name)).one_or_none()


def test_the_first_good_sign_in_creates_the_account(shop: Flask, asked: list[str]) -> None:
    assert sign_in(shop, "Ann") == 303
    created = account(shop, "ann")
    assert created is not None
    assert (created.roles, created.email) == (["staff"], "ann@example.org")
    assert created.password_hash.startswith(f"{password_hasher.METHOD}$")
    assert sign_in(shop, "ann") == 303
    assert asked == ["ann"]


def test_a_wrong_password_creates_nothing(shop: Flask, asked: list[str]) -> None:
    assert sign_in(shop, "ann", "wrong") == 401
    assert account(shop, "ann") is None
    assert asked == ["ann"]


def test_the_older_system_is_not_asked_about_accounts_that_exist(shop: Flask, asked: list[str]) -> None:
    signed_in(shop, "bob")
    assert sign_in(shop, "bob") == 401
    assert asked == []


def test_a_deleted_account_does_not_come_back(shop: Flask, asked: list[str]) -> None:
    sign_in(shop, "ann")
    with shop.app_context(), write_transaction(current_db()) as db:
        accounts.delete(db, db.scalars(select(Account).where(Account.name == "ann")).one())
    assert sign_in(shop, "ann") == 401
    assert asked == ["ann"]


@pytest.mark.parametrize("name", ["Anna Müller", "an", "ann@example.org", ""])
def test_the_older_system_is_not_asked_about_names_that_no_account_can_have(
    shop: Flask, asked: list[str], name: str
) -> None:
    assert sign_in(shop, name) == 401
    assert asked == []


def test_an_address_of_another_account_is_left_out(shop: Flask) -> None:
    signed_in(shop, "carol")
    with shop.app_context(), write_transaction(current_db()) as db:
        carol = db.scalars(select(Account).where(Account.name == "carol")).one()
        carol.email, carol.email_key = "ann@example.org", "ann@example.org"
    assert sign_in(shop, "ann") == 303
    created = account(shop, "ann")
    assert created is not None
    assert (created.roles, created.email, created.email_key) == (["staff"], None, None)


def test_guesses_of_many_addresses_about_one_name_are_limited(shop: Flask, asked: list[str]) -> None:
    client = browser(shop)
    for number in range(30):
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        client.post("/auth/login", data={"username": "ann", "password": "wrong"})
    assert 0 < len(asked) < 30
    client.environ_base["REMOTE_ADDR"] = "192.0.2.99"
    refused = client.post("/auth/login", data={"username": "ann", "password": RIGHT})
    assert refused.status_code == 401
    assert account(shop, "ann") is None


def test_right_passwords_are_not_counted(shop: Flask) -> None:
    assert sign_in(shop, "ann") == 303
    for number in range(30):
        with shop.app_context(), write_transaction(current_db()) as db:
            db.execute(delete(Account))
        assert sign_in(shop, "ann") == 303, number


def test_the_app_hears_of_the_new_account(shop: Flask) -> None:
    heard: list[Entry] = []

    def note(sender: Flask, event: Entry) -> None:
        heard.append(event)

    with signals.account_created.connected_to(note, shop):
        sign_in(shop, "ann")
    created = account(shop, "ann")
    assert created is not None
    assert [event.facts["account"] for event in heard] == [created.id]


def test_without_a_password_the_older_system_is_not_asked(shop: Flask, asked: list[str]) -> None:
    assert sign_in(shop, "ann", "") == 401
    assert asked == []


def answer(shop: Flask, found: Callable[[], object]) -> None:
    """Let the older system give this answer to everything."""
    shop.extensions[LEGACY_CHECK] = lambda: lambda name, password: found()


def fail() -> object:
    raise ConnectionError("the older system is away")


@pytest.mark.parametrize("found", [fail, lambda: True, lambda: ["staff"]])
def test_a_check_that_fails_creates_nothing_and_costs_no_attempt(shop: Flask, found: Callable[[], object]) -> None:
    answer(shop, found)
    client = browser(shop)
    client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    for _ in range(25):
        assert client.post("/auth/login", data={"username": "ann", "password": RIGHT}).status_code == 500
    assert account(shop, "ann") is None


@pytest.mark.parametrize("email", ["", "no address", "ann@"])
def test_a_malformed_address_is_left_out(shop: Flask, email: str) -> None:
    answer(shop, lambda: LegacyAccount(email=email))
    assert sign_in(shop, "ann") == 303
    created = account(shop, "ann")
    assert created is not None
    assert created.email is None


@pytest.mark.parametrize("roles", ["staff", ["Staff"], ["with space"]])
def test_roles_that_no_account_can_have_are_an_error_for_the_developer(roles: Iterable[str]) -> None:
    with pytest.raises(ValueError, match="LegacyAccount"):
        LegacyAccount(roles=roles)


def test_a_slow_older_system_does_not_delay_others(shop: Flask) -> None:
    is_asked, may_answer = threading.Event(), threading.Event()

    def wait() -> None:
        is_asked.set()
        assert may_answer.wait(10)

    signed_in(shop, "carol")
    answer(shop, wait)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(sign_in, shop, "ann")
        assert is_asked.wait(10)
        assert sign_in(shop, "carol", "wrong") == 401
        assert not slow.done()
        may_answer.set()
        assert slow.result(10) == 401


def test_programs_sign_in_with_a_password_of_the_older_system_too(shop: Flask) -> None:
    response = browser(shop).post("/auth/login", json={"username": "ann", "password": RIGHT})
    assert response.status_code == 200
    assert account(shop, "ann") is not None
