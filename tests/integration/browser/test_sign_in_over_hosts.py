"""Sign-in and sign-out through nginx, over two hosts.

The hosts are below daypass.localhost: browsers resolve every name below localhost to this machine, but refuse a cookie
with `Domain=localhost`, because they treat `localhost` as a public suffix like `org`. The extra label gives the hosts a
parent domain.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.server import free_port
from tests.integration.browser.conftest import Serve, Visit, expect_heading, fill_in, in_a_thread, status
from tests.integration.proxies.deployment import daypass_settings, write_site
from tests.integration.proxies.reverse_proxies import ProxySetup, make_certificate, nginx, program, running_proxy
from tests.integration.proxies.upstream_app import App, running_app

PARENT = "daypass.localhost"
REFUSALS = ["status of 401", "HTTP Authentication failed"]  # of a script's request and of a WebSocket
OPEN_WEBSOCKET = """() => new Promise(resolve => {
    const socket = new WebSocket(`wss://${location.host}/socket`);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = message => { resolve(message.data); socket.close() };
    socket.onerror = () => resolve("shut");
})"""


@dataclass(frozen=True)
class Hosts:
    """The URLs of the hosts behind nginx, and the app."""

    port: int
    app: App

    def url(self, host: str, target: str = "/") -> str:
        return f"https://{host}.{PARENT}:{self.port}{target}"


@pytest.fixture(scope="module")
def hosts(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[Hosts]:
    """nginx in front of an app and of Daypass, on which charlie has an account."""
    program("nginx")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    server = serve(**daypass_settings(port, folder, PARENT))
    in_a_thread(add_account, server, password_hash, "charlie")
    with ExitStack() as stack:
        app = stack.enter_context(running_app())
        setup = ProxySetup(port, folder, server.port, app.port, write_site(folder / "docs"), docs_port=0)
        make_certificate(setup)
        command = nginx(setup, {"example.org": PARENT})
        stack.enter_context(running_proxy(command, setup, login=f"login.{PARENT}"))
        yield Hosts(port, app)


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


def test_chromium_refuses_a_cookie_for_all_of_localhost(page: Page, hosts: Hosts) -> None:
    """This is why the hosts have their own parent domain."""
    page.goto(hosts.url("app", "/public/"))
    page.evaluate("document.cookie = 'wide=1; Domain=localhost; Secure'")
    page.evaluate(f"document.cookie = 'narrow=1; Domain={PARENT}; Secure'")
    assert page.evaluate("document.cookie") == "narrow=1"
