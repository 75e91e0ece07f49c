"""A guest link behind nginx: an administrator makes it, a stranger reads the page, the administrator revokes it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.integration.browser.conftest import Serve, Visit, expect_heading, fill_in, status
from tests.integration.browser.protected_hosts import Hosts, running_hosts
from tests.integration.browser.test_accessibility import WIDTHS, assert_no_violations

SHARED = "/staff/"


@pytest.fixture(scope="module")
def hosts(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[Hosts]:
    """The proxy nginx in front of an app and of Daypass."""
    with running_hosts("nginx", tmp_path_factory.mktemp("nginx"), serve, password_hash) as hosts:
        yield hosts


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no_javascript"])
def test_a_link_from_its_creation_to_its_end(visit: Visit, hosts: Hosts, javascript: bool) -> None:
    admin, stranger = (
        visit(
            url=hosts.url("login", ""),
            other_urls=[hosts.url("app", "")],
            ignore_https_errors=True,
            java_script_enabled=javascript,
        )
        for _ in range(2)
    )
    link = share(admin, hosts, f"Wages of November {javascript}")

    stranger.goto(hosts.url("app", f"{SHARED}wages"))
    expect(stranger).to_have_url(re.compile(re.escape(hosts.url("login", "/login?"))))
    stranger.goto(link)
    expect_heading(stranger, f"Wages of November {javascript}")
    stranger.get_by_role("button", name="Open the page").click()
    expect(stranger).to_have_url(hosts.url("app", SHARED))
    assert status(stranger.goto(hosts.url("app", f"{SHARED}wages?month=11"))) == 200
    stranger.goto(hosts.url("app", "/other"))
    expect(stranger).to_have_url(re.compile(re.escape(hosts.url("login", "/login?"))))

    revoke(admin, hosts, f"Wages of November {javascript}")
    stranger.goto(hosts.url("app", f"{SHARED}wages"))
    expect(stranger).to_have_url(re.compile(re.escape(hosts.url("login", "/login?"))))
    stranger.goto(link)
    expect_heading(stranger, "This link does not work")


def test_the_pages_are_accessible_and_no_wider_than_the_window(visit: Visit, hosts: Hosts) -> None:
    page = visit(url=hosts.url("login", ""), other_urls=[hosts.url("app", "")], ignore_https_errors=True)
    link = share(page, hosts, "W" * 64)
    check(page)
    page.goto(link)
    expect_heading(page, "W" * 64)
    check(page)
    page.goto(hosts.url("login", "/admin/guest-links"))
    check(page)


def check(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert_no_violations(page, "dark", 320)
    assert_no_violations(page, "light", 1280)


def share(admin: Page, hosts: Hosts, label: str) -> str:
    """Sign in as alice, and create a link; returns it."""
    admin.goto(hosts.url("login", "/login"))
    fill_in(admin, "Sign in", name="alice", password=PASSWORD)
    admin.goto(hosts.url("login", "/admin/rules"))
    admin.get_by_role("link", name="guest link", exact=True).click()
    admin.get_by_label("Address").fill(hosts.url("app", SHARED))
    admin.get_by_label("What it is for").fill(label)
    admin.get_by_label("The link works for").select_option("30 days")
    admin.get_by_role("button", name="Create the link").click()
    expect(admin.get_by_text("It will not be shown again.")).to_be_visible()
    return admin.locator("#link").inner_text()


def revoke(admin: Page, hosts: Hosts, label: str) -> None:
    admin.goto(hosts.url("login", "/admin/guest-links"))
    admin.get_by_role("link", name=f"Revoke the link “{label}”").click()
    expect_heading(admin, f"Revoke the link “{label}”?")
    admin.get_by_role("button", name="Revoke this link").click()
    expect(admin.get_by_text(f"The link “{label}” was revoked.")).to_be_visible()
