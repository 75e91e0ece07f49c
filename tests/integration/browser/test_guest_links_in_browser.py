"""A guest link: an administrator makes it, a stranger reads the page, the administrator revokes it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.integration.browser.conftest import (
    AT_THE_DOOR,
    Serve,
    Visit,
    expect_heading,
    fill_in,
    in_a_thread,
    status,
)
from tests.integration.browser.protected_hosts import running_hosts
from tests.integration.browser.test_accessibility import WIDTHS, assert_no_violations

LABEL = "Wages of November"


@dataclass(frozen=True)
class Place:
    """URLs: of Daypass's own pages and of the host with the shared pages, of these pages, and of one beside them."""

    daypass: str
    host: str
    shared: str
    beside: str


@pytest.fixture(scope="module")
def behind_nginx(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[Place]:
    """An app behind the proxy nginx, on a host of its own."""
    with running_hosts("nginx", tmp_path_factory.mktemp("nginx"), serve, password_hash) as hosts:
        app = hosts.url("app", "")
        yield Place(hosts.url("login", ""), app, f"{app}/staff/", f"{app}/other")


@pytest.fixture(scope="module")
def static_site(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Place:
    """A folder that Daypass serves itself."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("staff/index.html", "staff/wages.html", "other.html"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"<!doctype html><title>{name}</title><h1>{name}</h1>")
    server = serve(DAYPASS_SITE=str(folder))
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    return Place(f"{server.url}/-", server.url, f"{server.url}/staff/", f"{server.url}/other.html")


@pytest.fixture(params=["behind_nginx", "static_site"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no_javascript"])
def test_a_link_from_its_creation_to_its_end(visit: Visit, place: Place, javascript: bool) -> None:
    admin, stranger = (
        visit(
            url=place.daypass,
            other_urls=[place.host],
            ignore_https_errors=True,
            java_script_enabled=javascript,
        )
        for _ in range(2)
    )
    label = f"{LABEL}, {'with' if javascript else 'without'} scripts"  # the server is shared
    link = share(admin, place, label)

    expect_refusal(stranger, place.shared)
    stranger.goto(link)
    expect_heading(stranger, label)
    stranger.get_by_role("button", name="Open the page").click()
    expect(stranger).to_have_url(place.shared)
    for_guests = f"{place.shared}wages.html?month=11"
    assert status(stranger.goto(for_guests)) == 200
    expect(stranger).to_have_url(for_guests)
    expect_refusal(stranger, place.beside)

    revoke(admin, place, label)
    expect_refusal(stranger, for_guests)
    stranger.goto(link)
    expect_heading(stranger, "This link does not work")


def expect_refusal(page: Page, url: str) -> None:
    """The stranger gets the form for this page, and nothing of it."""
    page.goto(url)
    expect_heading(page, AT_THE_DOOR)
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_the_pages_are_accessible_and_no_wider_than_the_window(visit: Visit, behind_nginx: Place) -> None:
    place = behind_nginx
    page = visit(url=place.daypass, other_urls=[place.host], ignore_https_errors=True)
    link = share(page, place, "W" * 64)
    check(page)
    page.goto(link)
    expect_heading(page, "W" * 64)
    check(page)
    page.goto(f"{place.daypass}/admin/guest-links")
    check(page)


def check(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert_no_violations(page, "dark", 320)
    assert_no_violations(page, "light", 1280)


def share(admin: Page, place: Place, label: str) -> str:
    """Sign in as alice, and create a link; returns it."""
    admin.goto(f"{place.daypass}/login")
    fill_in(admin, "Sign in", name="alice", password=PASSWORD)
    admin.goto(f"{place.daypass}/admin/rules")
    admin.get_by_role("link", name="guest link", exact=True).click()
    admin.get_by_label("Address").fill(place.shared)
    admin.get_by_label("What it is for").fill(label)
    admin.get_by_label("The link works for").select_option("30 days")
    admin.get_by_role("button", name="Create the link").click()
    expect(admin.get_by_text("It will not be shown again.")).to_be_visible()
    return admin.locator("#link").inner_text()


def revoke(admin: Page, place: Place, label: str) -> None:
    admin.goto(f"{place.daypass}/admin/guest-links")
    admin.get_by_role("link", name=f"Revoke the link “{label}”").click()
    expect_heading(admin, f"Revoke the link “{label}”?")
    admin.get_by_role("button", name="Revoke this link").click()
    expect(admin.get_by_text(f"The link “{label}” was revoked.")).to_be_visible()
