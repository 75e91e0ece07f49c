"""Limits on wrong passwords, as guessers and owners meet them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.security import check_password_hash
from werkzeug.test import TestResponse

from daypass.accounts import devices, password_hasher
from daypass.database.models import Device, Throttle
from daypass.lab.attacks.catalogue import ATTACKS
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person

pytestmark = pytest.mark.each_database

Events = Callable[[], list[dict[str, str]]]
ADDRESS_LIMIT, ACCOUNT_LIMIT, DEVICE_LIMIT = 4, 6, 3
NEW = "plum kettle orbit twelve"
DEVICE_COOKIE = "daypass-device"
WRONG = "wrong"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    limits = {"ADDRESS": ADDRESS_LIMIT, "ACCOUNT": ACCOUNT_LIMIT, "DEVICE": DEVICE_LIMIT, "SIGNUP": 3, "LAB": 2}
    return (
        environ
        | {f"DAYPASS_LIMIT_{name}": f"{count}/1h" for name, count in limits.items()}
        | {"DAYPASS_SIGNUP": "open"}
    )


def guess(
    client: FlaskClient, name: str = "alice", password: str = WRONG, *, address: str = "192.0.2.1", **headers: str
) -> TestResponse:
    return client.post(
        "/login",
        headers=PAGE | headers,
        data={"username": name, "password": password},
        environ_base={"REMOTE_ADDR": address},
    )


def guess_from_everywhere(client: FlaskClient, count: int, **fields: str) -> list[int]:
    """Guess the password of alice, each time from another address."""
    return [guess(client, address=f"198.51.100.{number}", **fields).status_code for number in range(count)]


@pytest.fixture
def known_browser(app: Flask, add_account: Callable[..., str]) -> FlaskClient:
    """A browser in which alice has signed in, and signed out again."""
    add_account("alice")
    browser = app.test_client()
    assert guess(browser, password=PASSWORD).status_code == 303
    assert browser.post("/logout", headers=PAGE).status_code == 303
    return browser


def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords are compared with from now on, without the one of unknown names."""
    compared: list[str] = []

    def record(stored: str, password: str) -> bool:
        if stored != password_hasher.DUMMY_HASH:
            compared.append(stored)
        return check_password_hash(stored, password)

    monkeypatch.setattr(password_hasher, "check_password_hash", record)
    return compared


def test_an_address_gets_its_number_of_guesses_and_then_429_whatever_it_sends(
    client: FlaskClient, add_account: Callable[..., str], events: Events
) -> None:
    add_account("alice")
    assert [guess(client).status_code for _ in range(ADDRESS_LIMIT)] == [401] * ADDRESS_LIMIT
    refused = [guess(client), guess(client, password=PASSWORD), guess(client, name="nobody")]
    assert [response.status_code for response in refused] == [429] * 3
    assert 840 <= int(refused[0].headers["Retry-After"]) <= 900
    assert "Too many attempts. Try again in 15 minutes." in refused[0].text
    assert refused[0].text == refused[1].text
    assert [(event["event"], event["reason"]) for event in events()][-3:] == [("throttled", "address")] * 3


def test_a_program_is_told_too(client: FlaskClient) -> None:
    for _ in range(ADDRESS_LIMIT):
        assert client.post("/login", json={"username": "alice", "password": "wrong"}).status_code == 401
    response = client.post("/login", json={"username": "alice", "password": "wrong"})
    assert (response.status_code, response.mimetype) == (429, "application/problem+json")
    assert response.headers["Retry-After"].isdigit()


def test_the_guesses_of_all_processes_count_together_and_a_restart_forgets_none(
    make_app: Callable[[], Flask], app: Flask, add_account: Callable[..., str]
) -> None:
    add_account("alice")
    processes = [app.test_client(), make_app().test_client()]
    statuses = [guess(processes[number % 2]).status_code for number in range(ADDRESS_LIMIT + 1)]
    assert statuses == [401] * ADDRESS_LIMIT + [429]
    assert guess(make_app().test_client()).status_code == 429


def test_one_password_for_many_names_is_limited_too(client: FlaskClient, add_account: Callable[..., str]) -> None:
    add_account("alice")
    names = ["nobody", "alice", "no name!", "somebody", "alice"]
    assert [guess(client, name).status_code for name in names] == [401] * ADDRESS_LIMIT + [429]


def test_addresses_of_one_ipv6_network_are_one(client: FlaskClient) -> None:
    statuses = [guess(client, address=f"2001:db8:1:2::{number}").status_code for number in range(ADDRESS_LIMIT + 1)]
    assert statuses == [401] * ADDRESS_LIMIT + [429]
    assert guess(client, address="2001:db8:1:3::1").status_code == 401


def test_an_address_that_the_client_invents_makes_no_difference(client: FlaskClient) -> None:
    statuses = [
        guess(client, **{"X-Forwarded-For": f"198.51.100.{number}"}).status_code for number in range(ADDRESS_LIMIT + 1)
    ]
    assert statuses == [401] * ADDRESS_LIMIT + [429]


def test_right_passwords_are_not_counted(client: FlaskClient, add_account: Callable[..., str]) -> None:
    add_account("alice")
    for _ in range(3 * ACCOUNT_LIMIT):
        response = client.post("/login", json={"username": "alice", "password": PASSWORD})
        assert response.status_code == 200


def test_a_guesser_with_an_account_of_their_own_gets_no_more_guesses(
    client: FlaskClient, add_account: Callable[..., str]
) -> None:
    add_account("alice")
    add_account("mallory")
    statuses = []
    for _ in range(ADDRESS_LIMIT + 1):
        statuses.append(guess(client).status_code)
        client.post(
            "/login",
            json={"username": "mallory", "password": PASSWORD},
            environ_base={"REMOTE_ADDR": "192.0.2.1"},
        )
    assert statuses == [401] * ADDRESS_LIMIT + [429]


def test_of_guesses_from_many_addresses_only_the_number_of_the_account_is_compared(
    client: FlaskClient, add_account: Callable[..., str], monkeypatch: pytest.MonkeyPatch, events: Events
) -> None:
    add_account("alice")
    compared = comparisons(monkeypatch)
    assert guess_from_everywhere(client, 3 * ACCOUNT_LIMIT) == [401] * 3 * ACCOUNT_LIMIT
    assert len(compared) == ACCOUNT_LIMIT
    assert [event["reason"] for event in events()].count("too many attempts") == 2 * ACCOUNT_LIMIT


def test_to_strangers_a_throttled_account_looks_like_a_wrong_password(
    client: FlaskClient, add_account: Callable[..., str]
) -> None:
    add_account("alice")
    before = guess(client, address="192.0.2.1")
    guess_from_everywhere(client, ACCOUNT_LIMIT)
    throttled = guess(client, password=PASSWORD, address="192.0.2.2")
    assert (throttled.status_code, throttled.text) == (before.status_code, before.text)
    assert "Set-Cookie" not in throttled.headers


def test_every_spelling_of_a_name_is_one_account(
    client: FlaskClient, add_account: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_account("alice")
    compared = comparisons(monkeypatch)
    for name in ("alice", "ALICE", " alice ", "Alice"):
        guess_from_everywhere(client, 3, name=name)
    assert len(compared) == ACCOUNT_LIMIT


def test_fifty_parallel_guesses_do_not_pass_the_limit(
    app: Flask, make_app: Callable[[], Flask], add_account: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_account("alice")
    compared = comparisons(monkeypatch)
    clients = [app.test_client(), make_app().test_client()]

    def send(number: int) -> int:
        return guess(clients[number % 2], address=f"198.51.100.{number}").status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = set(pool.map(send, range(50)))
    assert statuses <= {401, 503}
    assert 1 <= len(compared) <= ACCOUNT_LIMIT


def test_the_owner_gets_in_from_a_known_browser_while_strangers_guess(
    client: FlaskClient, known_browser: FlaskClient
) -> None:
    guess_from_everywhere(client, 2 * ACCOUNT_LIMIT)
    for _ in range(ADDRESS_LIMIT + 1):
        guess(client)
    assert guess(client, password=PASSWORD).status_code == 429
    assert guess(known_browser, password=PASSWORD).status_code == 303


def test_a_known_browser_has_a_limit_of_its_own(client: FlaskClient, known_browser: FlaskClient) -> None:
    addresses = [f"198.51.100.{number}" for number in range(DEVICE_LIMIT + 1)]
    statuses = [guess(known_browser, address=address).status_code for address in addresses]
    assert statuses == [401] * DEVICE_LIMIT + [429]
    assert guess(client, password=PASSWORD).status_code == 303


def test_a_browser_is_known_only_to_the_account_that_signed_in_there(
    client: FlaskClient, known_browser: FlaskClient, add_account: Callable[..., str]
) -> None:
    add_account("bob")
    guess_from_everywhere(client, ACCOUNT_LIMIT, name="bob")
    assert guess(known_browser, name="bob", password=PASSWORD).status_code == 401


@pytest.mark.parametrize("forged", ["session token", "changed", "nonsense"])
def test_a_forged_device_is_unknown(
    app: Flask, client: FlaskClient, known_browser: FlaskClient, sign_in: Callable[..., Person], forged: str
) -> None:
    cookie = known_browser.get_cookie(DEVICE_COOKIE)
    assert cookie
    values = {"session token": sign_in("bob").token, "changed": cookie.value[:-3] + "abc", "nonsense": "x"}
    guess_from_everywhere(client, ACCOUNT_LIMIT)
    mallory = app.test_client()
    mallory.set_cookie(DEVICE_COOKIE, values[forged])
    assert guess(mallory, password=PASSWORD).status_code == 401


def test_a_device_token_is_no_session(app: Flask, known_browser: FlaskClient) -> None:
    cookie = known_browser.get_cookie(DEVICE_COOKIE)
    assert cookie
    thief = app.test_client()
    thief.set_cookie("daypass", cookie.value)
    assert thief.get("/members").status_code == 401
    assert thief.get("/members", headers={"Authorization": f"Bearer {cookie.value}"}).status_code == 401


def test_the_device_cookie_is_for_this_host_and_hidden_from_scripts(known_browser: FlaskClient) -> None:
    cookie = known_browser.get_cookie(DEVICE_COOKIE)
    assert cookie
    assert (cookie.http_only, cookie.same_site, cookie.path, cookie.domain) == (True, "Lax", "/", "localhost")
    assert cookie.max_age == 180 * 86_400


def test_a_browser_keeps_its_id_when_its_owner_signs_in_again(app: Flask, known_browser: FlaskClient) -> None:
    def device_ids() -> list[str]:
        with app.app_context():
            return list(current_db().scalars(select(Device.id)))

    first = device_ids()
    assert guess(known_browser, password=PASSWORD).status_code == 303
    assert device_ids() == first
    assert len(first) == 1


def test_a_new_password_forgets_all_browsers_but_the_one_in_use(
    app: Flask, client: FlaskClient, known_browser: FlaskClient
) -> None:
    current = app.test_client()
    assert guess(current, password=PASSWORD).status_code == 303
    changed = current.post("/account/password", headers=PAGE, data={"current": PASSWORD, "new": NEW})
    assert changed.status_code == 303
    guess_from_everywhere(client, ACCOUNT_LIMIT)
    assert guess(known_browser, password=NEW, address="192.0.2.7").status_code == 401
    assert guess(current, password=NEW, address="192.0.2.7").status_code == 303


def test_an_account_knows_its_latest_browsers_only(
    app: Flask, add_account: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MAX_DEVICES", 3)
    add_account("alice")
    for _ in range(5):
        assert guess(app.test_client(), password=PASSWORD).status_code == 303
    with app.app_context():
        assert current_db().scalars(select(func.count()).select_from(Device)).one() == 3


def test_deleting_the_account_deletes_the_cookie_and_the_device(app: Flask, known_browser: FlaskClient) -> None:
    guess(known_browser, password=PASSWORD)
    response = known_browser.post("/account/delete", headers=PAGE, data={"password": PASSWORD})
    assert response.status_code in (303, 409)
    assert response.status_code == 303
    assert known_browser.get_cookie(DEVICE_COOKIE) is None
    with app.app_context():
        assert current_db().scalars(select(Device.id)).all() == []


CONFIRMATIONS: list[tuple[str, dict[str, str]]] = [
    ("/account/password", {"current": "wrong", "new": NEW}),
    ("/account/delete", {"password": "wrong"}),
    ("/account/sessions/end-others", {"confirm_password": "wrong"}),
]


@pytest.mark.parametrize(("path", "form"), CONFIRMATIONS)
def test_a_stolen_session_gets_its_number_of_guesses_at_every_form(
    sign_in: Callable[..., Person], path: str, form: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = sign_in("alice", age=timedelta(hours=1))
    compared = comparisons(monkeypatch)
    statuses = [alice.client.post(path, headers=PAGE, data=form).status_code for _ in range(DEVICE_LIMIT + 1)]
    assert statuses == [401] * DEVICE_LIMIT + [429]
    others: list[Any] = [alice.client.post(path, headers=PAGE, data=form) for path, form in CONFIRMATIONS]
    assert [response.status_code for response in others] == [429] * 3
    assert len(compared) == DEVICE_LIMIT
    assert alice.client.get("/members").status_code == 200


def test_guesses_of_one_session_leave_the_others_alone(sign_in: Callable[..., Person]) -> None:
    thief, owner = (sign_in("alice", age=timedelta(hours=1)) for _ in range(2))
    for _ in range(DEVICE_LIMIT + 1):
        thief.client.post("/account/delete", headers=PAGE, data={"password": "wrong"})
    changed = owner.client.post("/account/password", headers=PAGE, data={"current": PASSWORD, "new": NEW})
    assert changed.status_code == 303


def test_made_up_names_leave_no_rows_of_their_own(app: Flask, client: FlaskClient) -> None:
    for number in range(3 * ADDRESS_LIMIT):
        guess(client, name=f"made-up-{number}", address=f"2001:db8::{number}")
    with app.app_context():
        assert list(current_db().scalars(select(Throttle.key))) == ["address:2001:db8::/64"]


def test_sign_ups_are_limited_by_address(client: FlaskClient) -> None:
    def sign_up(name: str, address: str) -> int:
        form = {"username": name, "password": NEW}
        return client.post("/signup", headers=PAGE, data=form, environ_base={"REMOTE_ADDR": address}).status_code

    assert [sign_up(f"person{number}", "192.0.2.1") for number in range(4)] == [303, 303, 303, 429]
    assert sign_up("person4", "192.0.2.2") == 303


def test_the_lab_is_limited_by_account(sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    paths = ["/lab", f"/lab/attacks/{ATTACKS[0].name}", "/lab"]
    assert [alice.client.post(path, headers=PAGE).status_code for path in paths] == [200, 200, 429]
    assert bob.client.post("/lab", headers=PAGE).status_code == 200
