"""A journey through nginx over two hosts: from an app to the sign-in page and back, and out again.

The hosts are below daypass.localhost: browsers take every name below localhost for this machine, but refuse a cookie
with `Domain=localhost`, which is a public suffix to them as `org` is. One label more gives the hosts a parent.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.server import free_port
from tests.integration.browser.conftest import Serve, Visit, expect_heading, fill_in, status
from tests.integration.proxies.deployment import daypass_settings, fill
from tests.integration.proxies.reverse_proxies import Places, make_certificate, nginx, program, running
from tests.integration.proxies.upstream_app import App, running_app

PARENT = "daypass.localhost"
REFUSALS = ["status of 401", "HTTP Authentication failed"]  # of a script's request and of a WebSocket
TALK = """() => new Promise(told => {
    const socket = new WebSocket(`wss://${location.host}/socket`);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = message => { told(message.data); socket.close() };
    socket.onerror = () => told("shut");
})"""


@dataclass(frozen=True)
class Hosts:
    """Where nginx is reached under which name, and the app behind it."""

    port: int
    app: App

    def url(self, host: str, target: str = "/") -> str:
        return f"https://{host}.{PARENT}:{self.port}{target}"


@pytest.fixture(scope="module")
def hosts(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """nginx in front of Daypass, on which charlie has an account, and of an app."""
    program("nginx")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    server = serve(**daypass_settings(port, folder, PARENT))
    server.flask("user", "add", "charlie", "--password-stdin", stdin=PASSWORD)
    with ExitStack() as stack:
        app = stack.enter_context(running_app())
        places = Places(port, folder, server.port, app.port, fill(folder / "docs"), docs_port=0)
        make_certificate(places)
        command = nginx(places, {"example.org": PARENT})
        stack.enter_context(running(command, places, login=f"login.{PARENT}"))
        yield Hosts(port, app)


@pytest.fixture
def page(visit: Visit, hosts: Hosts) -> Page:
    """An empty page; nobody is signed in. The certificate is one of ours, which browsers would warn of."""
    also = [hosts.url(host, "") for host in ("login", "docs")]
    return visit(at=hosts.url("app", ""), also=also, expected=REFUSALS, ignore_https_errors=True)


def sign_in(page: Page, hosts: Hosts) -> None:
    """Fill in the form, to which the browser was sent."""
    expect(page).to_have_url(re.compile(re.escape(hosts.url("login", "/login?next="))))
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)


def test_one_goes_from_the_app_to_sign_in_and_back_and_is_somebody_there(page: Page, hosts: Hosts) -> None:
    asked_for = hosts.url("app", "/reports?year=2026&month=11")
    page.goto(asked_for)
    sign_in(page, hosts)
    expect(page).to_have_url(asked_for)
    expect(page.locator("body")).to_contain_text("/reports?year=2026&month=11")
    assert ("Remote-User", "charlie") in hosts.app.seen[-1].identity


def test_who_is_signed_in_goes_from_host_to_host(page: Page, hosts: Hosts) -> None:
    page.goto(hosts.url("docs"))
    sign_in(page, hosts)
    expect_heading(page, "The folder")
    assert status(page.goto(hosts.url("app"))) == 200
    assert status(page.goto(hosts.url("login", "/account"))) == 200
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("charlie")


def test_a_role_that_is_missing_is_told_and_leads_nowhere(page: Page, hosts: Hosts) -> None:
    page.goto(hosts.url("app"))
    sign_in(page, hosts)
    page.wait_for_url(hosts.url("app"))
    assert status(page.goto(hosts.url("docs", "/staff/wages.html"))) == 403
    expect(page).to_have_url(hosts.url("docs", "/staff/wages.html"))


def test_a_script_of_the_app_gets_401_once_its_session_has_ended(page: Page, hosts: Hosts) -> None:
    page.goto(hosts.url("app"))
    sign_in(page, hosts)
    page.wait_for_url(hosts.url("app"))
    fetched = "async () => { const answer = await fetch('/data', {method: 'POST', body: 'a'}); return answer.status }"
    assert page.evaluate(fetched) == 200
    page.context.clear_cookies()
    with page.expect_console_message(lambda told: "401" in told.text):
        assert page.evaluate(fetched) == 401


def test_a_websocket_of_the_app_opens_until_one_signs_out(page: Page, hosts: Hosts) -> None:
    page.goto(hosts.url("app"))
    sign_in(page, hosts)
    page.wait_for_url(hosts.url("app"))
    assert page.evaluate(TALK) == "hello"
    page.goto(hosts.url("login", "/account"))
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    page.goto(hosts.url("app", "/public/"))
    assert page.evaluate(TALK) == "shut"
    page.goto(hosts.url("app"))
    expect(page).to_have_url(re.compile(re.escape(hosts.url("login", "/login?next="))))


def test_chromium_refuses_a_cookie_for_all_of_localhost(page: Page, hosts: Hosts) -> None:
    """Why the hosts here have a parent of their own."""
    page.goto(hosts.url("app", "/public/"))
    page.evaluate("document.cookie = 'wide=1; Domain=localhost; Secure'")
    page.evaluate(f"document.cookie = 'narrow=1; Domain={PARENT}; Secure'")
    assert page.evaluate("document.cookie") == "narrow=1"
