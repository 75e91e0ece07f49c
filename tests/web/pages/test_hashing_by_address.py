"""Every page that hashes a password is limited by the client's address."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.web.context import current_runtime
from tests.conftest import PAGE, PASSWORD, Person

PROXY = "10.1.0.5"
NEW = "plum kettle orbit twelve"
PAGES: list[tuple[str, dict[str, Any]]] = [
    ("/login", {"json": {"username": "bob", "password": PASSWORD}}),
    ("/login", {"data": {"username": "bob", "password": PASSWORD}}),
    ("/signup", {"data": {"username": "carol", "password": NEW}}),
    ("/account/password", {"data": {"current": PASSWORD, "new": NEW}}),
    ("/account/delete", {"data": {"password": PASSWORD}}),
    ("/account/sessions/end-others", {"data": {"confirm_password": PASSWORD}}),
]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "open", "DAYPASS_TRUSTED_PROXIES": PROXY}


@pytest.mark.parametrize("proxy", [None, PROXY], ids=["direct", "behind a proxy"])
@pytest.mark.parametrize(("path", "sent"), PAGES)
def test_an_address_with_its_full_share_waits_and_others_do_not(
    app: Flask,
    sign_in: Callable[..., Person],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    sent: dict[str, Any],
    proxy: str | None,
) -> None:
    bob = sign_in("bob", age=timedelta(hours=1))
    with app.app_context():
        queue = current_runtime().hasher._queue
    monkeypatch.setattr(queue, "_share", 1)
    monkeypatch.setattr(queue, "_slots", 2)

    def post(address: str) -> TestResponse:
        headers = PAGE | {"X-Forwarded-For": address} if proxy else PAGE
        return bob.client.post(path, headers=headers, environ_base={"REMOTE_ADDR": proxy or address}, **sent)

    with queue.slot("2001:db8::/64"):
        refused = post("2001:db8::1")
        assert (refused.status_code, refused.headers.get("Retry-After")) == (503, "5")
        assert post("2001:db8:0:1::1").status_code in (200, 302, 303)


def test_a_known_browser_has_a_place_in_a_full_queue(
    app: Flask, client: FlaskClient, add_account: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_account("alice")
    form = {"username": "alice", "password": PASSWORD}
    assert client.post("/login", headers=PAGE, data=form).status_code == 303
    with app.app_context():
        queue = current_runtime().hasher._queue
    for name, value in {"_places": 1, "_slots": 2, "_reserved": 1}.items():
        monkeypatch.setattr(queue, name, value)
    with queue.slot(None):
        assert app.test_client().post("/login", headers=PAGE, data=form).status_code == 503
        assert client.post("/login", headers=PAGE, data=form).status_code == 303
