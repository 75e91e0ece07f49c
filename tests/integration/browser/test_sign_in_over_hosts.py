"""Sign-in and sign-out through nginx, over two hosts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.integration.browser.conftest import Serve, Visit, expect_heading, fill_in, status
from tests.integration.browser.protected_hosts import PARENT, Hosts, running_hosts

COOKIE = "__Secure-daypass"
REFUSALS = ["status of 401", "HTTP Authentication failed"]  # of a script's request and of a WebSocket
OPEN_WEBSOCKET = """() => new Promise(resolve => {
    const socket = new WebSocket(`wss://${location.host}/socket`);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = message => { resolve(message.data); socket.close() };
    socket.onerror = () => resolve("shut");
})"""


@pytest.fixture(scope="module")
def hosts(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[Hosts]:
    """nginx in front of an app and of Daypass, on which charlie has an account."""
    with running_hosts("nginx", tmp_path_factory.mktemp("nginx"), serve, password_hash) as hosts:
        yield hosts


@pytest.fixture
def page(visit: Visit, hosts: Hosts) -> Page:
    """An empty page.

    Nobody is signed in. The certificate is one of ours, which browsers would warn of.
    """
    other_urls = [hosts.url(host, "") for host in ("login", "docs")]
    return visit(url=hosts.url("app", ""), other_urls=other_urls, expected=REFUSALS, ignore_https_errors=True)


def sign_in(page: Page, hosts: Hosts) -> None:
    """Fill in the form that the browser was redirected to."""
    expect(page).to_have_url(re.compile(re.escape(hosts.url("login", "/login?next="))))
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)


def test_signing_in_leads_back_to_the_app_which_sees_the_visitors_name(page: Page, hosts: Hosts) -> None:
    requested = hosts.url("app", "/reports?year=2026&month=11")
    page.goto(requested)
    sign_in(page, hosts)
    expect(page).to_have_url(requested)
    expect(page.locator("body")).to_contain_text("/reports?year=2026&month=11")
    assert ("Remote-User", "charlie") in hosts.app.seen[-1].identity


def test_one_sign_in_is_valid_on_every_host(page: Page, hosts: Hosts) -> None:
    page.goto(hosts.url("docs"))
    sign_in(page, hosts)
    expect_heading(page, "The folder")
    assert status(page.goto(hosts.url("app"))) == 200
    assert status(page.goto(hosts.url("login", "/account"))) == 200
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("charlie")


def test_a_missing_role_is_403_without_leaving_the_page(page: Page, hosts: Hosts) -> None:
    page.goto(hosts.url("app"))
    sign_in(page, hosts)
    page.wait_for_url(hosts.url("app"))
    assert status(page.goto(hosts.url("docs", "/staff/wages.html"))) == 403
    expect(page).to_have_url(hosts.url("docs", "/staff/wages.html"))


def test_a_script_of_the_app_gets_401_once_its_session_has_ended(page: Page, hosts: Hosts) -> None:
    page.goto(hosts.url("app"))
    sign_in(page, hosts)
    page.wait_for_url(hosts.url("app"))
    fetched = (
        "async () => { const response = await fetch('/data', {method: 'POST', body: 'a'}); return response.status }"
    )
    assert page.evaluate(fetched) == 200
    page.context.clear_cookies()
    with page.expect_console_message(lambda message: "401" in message.text):
        assert page.evaluate(fetched) == 401


def test_a_changed_cookie_is_refused_at_the_sign_in_page_which_leads_back(page: Page, hosts: Hosts) -> None:
    page.context.add_cookies(
        [{"name": COOKIE, "value": "torn.up.token", "domain": f".{PARENT}", "path": "/", "secure": True}]
    )
    page.goto(hosts.url("app"))
    expect_heading(page, "Invalid token")
    expect(page.get_by_role("img", name="Refused")).to_be_visible()
    sign_in(page, hosts)
    page.wait_for_url(hosts.url("app"))


def test_a_websocket_of_the_app_opens_until_the_visitor_signs_out(page: Page, hosts: Hosts) -> None:
    page.goto(hosts.url("app"))
    sign_in(page, hosts)
    page.wait_for_url(hosts.url("app"))
    assert page.evaluate(OPEN_WEBSOCKET) == "hello"
    page.goto(hosts.url("login", "/account"))
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    page.goto(hosts.url("app", "/public/"))
    assert page.evaluate(OPEN_WEBSOCKET) == "shut"
    page.goto(hosts.url("app"))
    expect(page).to_have_url(re.compile(re.escape(hosts.url("login", "/login?next="))))


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no_javascript"])
def test_a_link_of_the_app_signs_out_after_asking_and_leads_back(visit: Visit, hosts: Hosts, javascript: bool) -> None:
    page = visit(
        url=hosts.url("app", ""),
        other_urls=[hosts.url("login", "")],
        ignore_https_errors=True,
        java_script_enabled=javascript,
    )
    farewell = hosts.url("app", "/public/bye?a=1")
    menu = hosts.url("app", f"/menu?{hosts.url('login', '/logout')}?to={farewell}")
    page.goto(menu)
    sign_in(page, hosts)
    page.get_by_role("link", name="Leave").click()
    expect_heading(page, "Sign out?")
    page.get_by_role("link", name="Stay signed in").click()
    expect(page).to_have_url(farewell)
    page.goto(menu)
    page.get_by_role("link", name="Leave").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(farewell)
    page.goto(hosts.url("login", f"/logout?to={farewell}"))
    expect_heading(page, "You are not signed in")
    page.get_by_role("link", name=f"Continue to app.{PARENT}:{hosts.port}").click()
    expect(page).to_have_url(farewell)
    page.goto(menu)
    sign_in(page, hosts)
    page.goto(hosts.url("login", f"/logout?to={hosts.url('app')}"))
    page.get_by_role("button", name="Sign out").click()
    expect_heading(page, f"Sign in to app.{PARENT}:{hosts.port}")
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    page.reload()
    expect_heading(page, f"Sign in to app.{PARENT}:{hosts.port}")
    expect(page.get_by_role("status")).to_have_count(0)


def test_chromium_refuses_a_cookie_for_all_of_localhost(page: Page, hosts: Hosts) -> None:
    """This is why the hosts have their own parent domain."""
    page.goto(hosts.url("app", "/public/"))
    page.evaluate("document.cookie = 'wide=1; Domain=localhost; Secure'")
    page.evaluate(f"document.cookie = 'narrow=1; Domain={PARENT}; Secure'")
    assert page.evaluate("document.cookie") == "narrow=1"
