"""The one cookie, as the browser stores it."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.integration.browser.conftest import Serve, Visit, fill_in, in_a_thread

DAY = 86_400  # seconds


def sign_in(page: Page, name: str) -> float:
    """Sign in by the form; returns the time before it, in seconds since 1970."""
    page.goto("/login?next=/members")
    before = time.time()
    fill_in(page, "Sign in", name=name, password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text(f"Hello, {name}.")
    return before


def test_the_cookie_is_for_this_site_for_one_day_and_hidden_from_scripts(page: Page) -> None:
    signed_in_at = sign_in(page, "charlie")
    (cookie,) = page.context.cookies()
    assert signed_in_at + DAY - 5 < cookie.pop("expires") < time.time() + DAY + 1
    assert cookie.pop("value").count(".") == 2
    assert cookie == {
        "name": "daypass",
        "domain": "127.0.0.1",
        "path": "/",
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }
    assert page.evaluate("document.cookie") == ""


def test_visitors_who_have_not_signed_in_get_no_cookie(page: Page) -> None:
    for path in ("/", "/login", "/signup", "/setup", "/members", "/nothing"):
        page.goto(path)
    assert page.context.cookies() == []


def test_signing_out_deletes_the_cookie(page: Page) -> None:
    sign_in(page, "charlie")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()
    assert page.context.cookies() == []


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
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-daypass", True, True)
    assert (cookie["domain"], cookie["path"], cookie["sameSite"]) == ("localhost", "/", "Lax")


def test_under_https_too_signing_out_deletes_the_cookie(visit: Visit, https: str) -> None:
    page = visit(url=https)
    sign_in(page, "charlie")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()
    assert page.context.cookies() == []
