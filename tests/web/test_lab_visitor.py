"""DAYPASS_LAB=open: visitors without an account use the lab, and nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from daypass.database.models import Chore, Throttle
from daypass.throttling import account_lock
from daypass.web.context import current_db, current_runtime
from daypass.web.pages import lab
from tests.conftest import PAGE, Person
from tests.helpers.gated_routes import gated_routes
from tests.helpers.tokens import tampered
from tests.web.pages.test_lab_page import field, verdict

SIGN = {"act": "sign", "header": "{}", "claims": "{}", "key": "a secret of a guest, longer than 32 bytes"}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """An open lab."""
    return environ | {"DAYPASS_LAB": "open", "DAYPASS_LIMIT_LAB": "3/1h"}


@pytest.fixture
def guest(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(lab, "ONE_SECOND", timedelta(0))
    return app.test_client()


def test_a_guest_uses_the_lab(guest: FlaskClient) -> None:
    page = guest.get("/lab", headers=PAGE)
    assert (page.status_code, verdict(page)) == (200, "Token is valid")
    assert ">Sign in</a>" in page.text
    assert "Your pass" not in page.text
    signed = guest.post("/lab", data=SIGN | {"expiry": "none"}, headers=PAGE)
    assert jwt.decode(field(signed, "token"), SIGN["key"], ["HS256"]) == {}
    made = guest.post("/lab", data={"act": "sign", "algorithm": "ES256"}, headers=PAGE)
    assert verdict(made) == "Token is valid"


def test_an_open_lab_opens_nothing_else(app: Flask, guest: FlaskClient) -> None:
    statuses = {path: guest.open(path, method=method).status_code for path, method in gated_routes(app)}
    assert {path for path, status in statuses.items() if status != 401} == {"/lab"}


def test_a_guest_with_an_invalid_token_is_a_guest(app: Flask, sign_in: Callable[..., Person]) -> None:
    token = tampered(sign_in("alice").token)
    page = app.test_client().get("/lab", headers=PAGE | {"Authorization": f"Bearer {token}"})
    assert page.status_code == 200
    assert "Your pass" not in page.text


def test_somebody_who_is_signed_in_sees_the_own_pass(sign_in: Callable[..., Person]) -> None:
    page = sign_in("alice").client.get("/lab", headers=PAGE).text
    assert 'id="own">Your pass' in page
    assert ">Sign out</button>" in page


def test_no_key_of_the_server_verifies_what_a_guest_signs(app: Flask, guest: FlaskClient) -> None:
    token = field(guest.post("/lab", data={"act": "sign"}, headers=PAGE), "token")
    with app.app_context():
        private = current_runtime().keys.current().signing.private
    assert isinstance(private, bytes)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, private, ["HS256"])


def test_guests_are_limited_by_their_address_and_accounts_by_themselves(
    app: Flask, guest: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    def status(client: FlaskClient, address: str) -> int:
        return client.post("/lab", data=SIGN, headers=PAGE, environ_overrides={"REMOTE_ADDR": address}).status_code

    assert [status(guest, "192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
    assert status(guest, "192.0.2.2") == 200
    assert status(sign_in("alice").client, "192.0.2.1") == 200
    assert [status(guest, f"2001:db8::{number}") for number in range(4)] == [200, 200, 200, 429]  # one /64 network
    with app.app_context():
        assert "192.0.2.1" in "".join(current_db().scalars(select(Throttle.key)))


def test_a_guest_makes_one_key_per_second(guest: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "ONE_SECOND", timedelta(hours=1))
    assert guest.post("/lab", data={"act": "key"}, headers=PAGE).status_code == 200
    refused = guest.post("/lab", data={"act": "key"}, headers=PAGE)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")


def test_guests_of_any_number_of_addresses_leave_few_rows(
    app: Flask, guest: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daypass.web.lab_visitor.GUEST_KEY_CLAIMS", 2)
    for number in range(8):
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        guest.post("/lab", data={"act": "key"}, headers=PAGE, environ_overrides=address)
    with app.app_context():
        rows = current_db().scalar(select(func.count()).where(Chore.name.startswith("key guest ")))
    assert rows in (1, 2)


def test_a_guest_waits_for_the_lab_like_everybody(guest: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_lock, "WAIT_SECONDS", 0.01)
    with lab.lock.hold("somebody"):
        assert guest.post("/lab", data=SIGN, headers=PAGE).status_code == 503


def test_a_form_of_another_site_is_refused(guest: FlaskClient) -> None:
    headers = PAGE | {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert guest.post("/lab", data=SIGN, headers=headers).status_code == 403


def test_guests_find_the_lab_in_the_header(guest: FlaskClient) -> None:
    assert re.search(r'<a href="/lab">Lab</a>', guest.get("/", headers=PAGE).text)


class TestClosed:
    """Without the setting."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in environ.items() if name != "DAYPASS_LAB"}

    def test_the_lab_needs_a_pass(self, guest: FlaskClient) -> None:
        assert guest.get("/lab", headers=PAGE).status_code == 401
        assert guest.post("/lab", data=SIGN, headers=PAGE).status_code == 401
        assert 'href="/lab"' not in guest.get("/", headers=PAGE).text
