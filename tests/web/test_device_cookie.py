"""The cookie by which an account knows a browser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from daypass.accounts.devices import device_claims
from daypass.database.models import new_id
from daypass.tokens import codec
from daypass.tokens.purposes import DEVICE_LIFETIME
from daypass.web.context import current_runtime
from daypass.web.device_cookie import presented_device
from tests.conftest import Person

DEVICE_ID = new_id()


def device_token(app: Flask, age: timedelta = timedelta(0)) -> str:
    with app.app_context():
        runtime, issued = current_runtime(), datetime.now(UTC).replace(microsecond=0) - age
        claims = device_claims(runtime.settings.base_url, new_id(), DEVICE_ID, issued)
        return codec.encode(claims, runtime.keys.current().signing)


def presented(app: Flask, cookie: str) -> str | None:
    with app.test_request_context(headers={"Cookie": cookie}):
        return presented_device(current_runtime())


def test_a_browser_presents_its_id(app: Flask) -> None:
    assert presented(app, f"daypass-device={device_token(app)}") == DEVICE_ID


def test_a_session_token_presents_no_device(app: Flask, sign_in: Callable[..., Person]) -> None:
    assert presented(app, f"daypass-device={sign_in('alice').token}") is None


@pytest.mark.parametrize("cookie", ["", "daypass-device=", "daypass-device=a.b.c", "daypass-device=!"])
def test_nothing_and_nonsense_present_no_device(app: Flask, cookie: str) -> None:
    assert presented(app, cookie) is None


def test_the_device_is_read_from_its_own_cookie_only(app: Flask) -> None:
    assert presented(app, f"daypass={device_token(app)}; daypass-devices={device_token(app)}") is None


def test_a_device_is_forgotten_after_180_days(app: Flask) -> None:
    lifetime = timedelta(seconds=DEVICE_LIFETIME)
    assert presented(app, f"daypass-device={device_token(app, lifetime - timedelta(seconds=60))}") == DEVICE_ID
    assert presented(app, f"daypass-device={device_token(app, lifetime)}") is None
