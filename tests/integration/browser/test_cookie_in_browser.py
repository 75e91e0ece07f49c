"""The cookies of the session and of the device, as the browser stores them."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.integration.browser.conftest import Serve, Visit, fill_in, in_a_thread

DAY = 86_400  # seconds
KEPT_AFTER_EXPIRY = 3 * DAY


def sign_in(page: Page, name: str) -> float:
    """Sign in by the form; returns the time before it, in seconds since 1970."""
    page.goto("/login?next=/members")
    before = time.time()
    fill_in(page, "Sign in", name=name, password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text(f"Hello, {name}.")
    return before


@pytest.mark.parametrize(("name", "lifetime"), [("daypass", DAY + KEPT_AFTER_EXPIRY), ("daypass-device", 180 * DAY)])
def test_the_cookie_is_for_this_site_for_its_time_and_hidden_from_scripts(page: Page, name: str, lifetime: int) -> None:
    signed_in_at = sign_in(page, "charlie")
    cookie = cookies(page)[name]
    assert signed_in_at + lifetime - 5 < cookie.pop("expires") < time.time() + lifetime + 1
    assert cookie.pop("value").count(".") == 2
    assert cookie == {
        "name": name,
        "domain": "127.0.0.1",
        "path": "/",
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }
    assert page.evaluate("document.cookie") == ""


def cookies(page: Page) -> dict[str, Any]:
    """All cookies of the browser, by name."""
    return {cookie["name"]: cookie for cookie in page.context.cookies()}


def test_visitors_who_have_not_signed_in_get_no_cookie(page: Page) -> None:
    for path in ("/", "/login", "/signup", "/setup", "/members", "/nothing"):
        page.goto(path)
    assert cookies(page) == {}


def test_signing_out_deletes_the_session_and_keeps_the_device(page: Page) -> None:
    sign_in(page, "charlie")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()
    assert list(cookies(page)) == ["daypass-device"]


@pytest.fixture(scope="module")
def https(serve: Serve, password_hash: str) -> str:
    """The URL of a server configured for https.

    Chromium stores Secure cookies of http://localhost.
    """
    server = serve(DAYPASS_BASE_URL="https://localhost")
    in_a_thread(add_account, server, password_hash, "charlie")
    return f"http://localhost:{server.port}"


def test_under_https_the_cookie_is_secure_and_bound_to_the_host(visit: Visit, https: str) -> None:
    page = visit(url=https)
    sign_in(page, "charlie")
    assert sorted(cookies(page)) == ["__Host-daypass", "__Host-daypass-device"]
    for cookie in cookies(page).values():
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
        assert (cookie["domain"], cookie["path"]) == ("localhost", "/")


def test_under_https_too_signing_out_deletes_the_session_and_keeps_the_device(visit: Visit, https: str) -> None:
    page = visit(url=https)
    sign_in(page, "charlie")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()
    assert list(cookies(page)) == ["__Host-daypass-device"]
