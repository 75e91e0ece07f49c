"""A site built with MkDocs behind the gate: visitors sign in, read and search it."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import AT_THE_DOOR, Serve, Visit, expect_heading, fill_in, sign_up, status

CONFIG = """\
site_name: Handbook
theme: {name: mkdocs, highlightjs: false}  # it would be loaded from another site
"""
PAGES = {
    "index.md": "# Welcome\n\nRead about [herons](birds/herons.md).\n",
    "birds/herons.md": "# Herons\n\nA heron stands in the shallows.\n\n## Nests\n\nHigh up in alders.\n",
    "birds/swifts.md": "# Swifts\n\nA swift sleeps on the wing.\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    source = tmp_path_factory.mktemp("handbook")
    (source / "mkdocs.yml").write_text(CONFIG)
    for name, text in PAGES.items():
        (source / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (source / "docs" / name).write_text(text)
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"], cwd=source, check=True)
    return source / "site"


@pytest.fixture(scope="module")
def site(serve: Serve, folder: Path) -> Server:
    """A server with the site behind it, on which charlie has an account."""
    server = serve(DAYPASS_SITE=str(folder), DAYPASS_SIGNUP="open")
    sign_up(server, "charlie")
    return server


@pytest.fixture
def page(visit: Visit, site: Server) -> Page:
    return visit(url=site.url)


@pytest.fixture
def reader(visit: Visit, site: Server) -> Page:
    return visit(site.sign_in("charlie", PASSWORD), url=site.url)


def test_signing_in_leads_back_to_the_page_asked_for(page: Page, site: Server) -> None:
    assert status(page.goto("/birds/herons/?from=mail")) == 401
    expect_heading(page, AT_THE_DOOR)
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)
    expect_heading(page, "Herons")
    expect(page).to_have_url(f"{site.url}/birds/herons/?from=mail")
    page.wait_for_load_state()
    assert page.evaluate("base_url") == "../.."  # set by an inline script of the page


def test_the_sites_links_work(reader: Page, site: Server) -> None:
    assert status(reader.goto("/")) == 200
    reader.get_by_role("link", name="herons", exact=True).click()
    expect_heading(reader, "Herons")
    reader.get_by_role("link", name="Next").click()
    expect_heading(reader, "Swifts")
    expect(reader).to_have_url(f"{site.url}/birds/swifts/")
    reader.wait_for_function("[...document.fonts].some(font => font.status === 'loaded')")


def test_the_sites_search_finds_a_page(reader: Page, site: Server) -> None:
    ready = reader.expect_console_message(lambda message: message.text.endswith("search ready"))
    with reader.expect_worker() as worker, ready:
        reader.goto("/")
    assert worker.value.url == f"{site.url}/search/worker.js"
    reader.get_by_role("link", name="Search").click()
    field = reader.get_by_placeholder("Search...")
    expect(field).to_be_focused()
    field.press_sequentially("alders")
    result = reader.locator("#mkdocs-search-results").get_by_role("link", name="Nests")
    result.click()
    expect(reader).to_have_url(f"{site.url}/birds/herons/#nests")


def test_a_missing_page_shows_the_sites_own_404_page(reader: Page) -> None:
    assert status(reader.goto("/birds/dodos/")) == 404
    expect(reader.get_by_text("Page not found")).to_be_visible()
    reader.get_by_role("link", name="Handbook").click()
    expect_heading(reader, "Welcome")


def test_the_pass_page_leads_home_and_from_there_to_the_site(reader: Page, site: Server) -> None:
    reader.goto("/-/account")
    expect(reader.get_by_role("article", name="Your pass")).to_contain_text("charlie")
    reader.get_by_role("navigation", name="Sections").get_by_role("link", name="Home").click()
    reader.get_by_role("link", name="This site", exact=True).click()
    expect_heading(reader, "Welcome")
    assert status(reader.goto("/-/nowhere")) == 404
    reader.get_by_role("link", name="Go to the home page").click()
    expect_heading(reader, "Welcome")


def test_after_signing_out_going_back_shows_nothing_of_the_site(reader: Page) -> None:
    reader.goto("/birds/herons/")
    reader.goto("/-/")
    reader.get_by_role("button", name="Sign out", exact=True).click()
    expect(reader.get_by_role("status")).to_contain_text("You are signed out.")
    reader.go_back()
    expect(reader.get_by_role("link", name="Sign in").first).to_be_visible()
    reader.goto("/birds/herons/")
    expect_heading(reader, AT_THE_DOOR)


def test_the_back_button_makes_the_browser_ask_the_gate_again(reader: Page) -> None:
    reader.goto("/birds/herons/")
    expect_heading(reader, "Herons")
    reader.evaluate(
        """() => {
            const form = Object.assign(document.createElement("form"), { method: "post", action: "/-/logout" });
            document.body.append(form);
            form.submit();
        }"""
    )
    expect(reader.get_by_role("status")).to_contain_text("You are signed out.")
    reader.go_back()
    expect_heading(reader, AT_THE_DOOR)


def test_a_new_visitor_signs_up_and_reads_the_page(page: Page) -> None:
    page.goto("/birds/swifts/")
    page.get_by_role("link", name="Sign up").click()
    fill_in(page, "Create account", name="dora", password=PASSWORD)
    expect_heading(page, "Swifts")


def test_the_link_of_the_first_start_works(visit: Visit, serve: Serve, folder: Path) -> None:
    server = serve(DAYPASS_SITE=str(folder))
    assert server.setup_link.startswith(f"{server.url}/-/setup?code=")
    page = visit(url=server.url)
    page.goto(server.setup_link)
    fill_in(page, "Create administrator account", name="alice", password=PASSWORD)
    expect_heading(page, "Your pages")
    page.goto("/")
    expect_heading(page, "Welcome")
