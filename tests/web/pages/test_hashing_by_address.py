"""Every page that hashes a password is limited by the client's address."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

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

    def post(address: str) -> int:
        headers = PAGE | {"X-Forwarded-For": address} if proxy else PAGE
        return bob.client.post(
            path, headers=headers, environ_base={"REMOTE_ADDR": proxy or address}, **sent
        ).status_code

    with queue.slot("2001:db8::/64"):
        assert post("2001:db8::1") == 503
        assert post("2001:db8:0:1::1") in (200, 302, 303)
