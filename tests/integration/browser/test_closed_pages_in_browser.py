"""A visitor without access meets our page under the app's host, behind each proxy, and signs in as somebody else."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.integration.browser.conftest import Serve, Visit, expect_heading, fill_in, status
from tests.integration.browser.protected_hosts import Hosts, running_hosts
from tests.integration.browser.test_accessibility import WIDTHS, assert_no_violations
from tests.integration.proxies.reverse_proxies import REVERSE_PROXIES

CLOSED = "/staff/wages?month=11"


@pytest.fixture(scope="module", params=REVERSE_PROXIES)
def hosts(
    request: pytest.FixtureRequest, serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str
) -> Iterator[Hosts]:
    """Each proxy in front of an app and of Daypass."""
    with running_hosts(request.param, tmp_path_factory.mktemp(request.param), serve, password_hash) as hosts:
        yield hosts


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no_javascript"])
def test_the_page_looks_like_ours_and_leads_to_another_sign_in(visit: Visit, hosts: Hosts, javascript: bool) -> None:
    """Any console message, such as a violation of the content security policy, fails the test too."""
    page = visit(
        url=hosts.url("app", ""),
        other_urls=[hosts.url("login", "")],
        ignore_https_errors=True,
        java_script_enabled=javascript,
        color_scheme="light",
    )
    page.goto(hosts.url("app", CLOSED))
    sign_in(page, hosts, "charlie")
    expect(page).to_have_url(hosts.url("app", CLOSED))
    assert status(page.reload()) == 403
    expect_heading(page, "Not allowed")
    expect(page.get_by_role("definition")).to_have_text([re.compile("/staff/wages$"), "charlie"])
    expect(page.locator("body")).to_have_css("background-color", "rgb(251, 252, 251)")
    page.get_by_role("link", name="Sign in as somebody else").click()
    sign_in(page, hosts, "bob")
    expect(page).to_have_url(hosts.url("app", CLOSED))
    expect(page.get_by_role("definition").last).to_have_text("bob")


def test_the_page_is_accessible_and_no_wider_than_the_window(visit: Visit, hosts: Hosts) -> None:
    page = visit(url=hosts.url("app", ""), other_urls=[hosts.url("login", "")], ignore_https_errors=True)
    page.goto(hosts.url("app", f"/staff/{'a-long-name' * 30}"))
    sign_in(page, hosts, "charlie")
    expect_heading(page, "Not allowed")
    assert_no_violations(page, "dark", 320)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert_no_violations(page, "light", 1280)


def sign_in(page: Page, hosts: Hosts, name: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(hosts.url("login", "/login?"))))
    fill_in(page, "Sign in", name=name, password=PASSWORD)
