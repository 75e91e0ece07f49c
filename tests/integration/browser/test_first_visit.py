"""The first visit: a server without an account, its link, the first account, and the home page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import Serve, Visit, expect_heading, fill_in, status

WHERE = "Open the link that Daypass printed when it started."


@pytest.fixture
def new_server(serve: Serve) -> Server:
    return serve()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_whoever_comes_first_is_told_where_the_link_is_and_then_what_to_do_next(
    visit: Visit, new_server: Server, javascript: bool
) -> None:
    page = visit(url=new_server.url, java_script_enabled=javascript)
    page.goto("/")
    expect_heading(page, "Create the first account")
    expect(page.get_by_role("main")).to_contain_text(WHERE)
    expect(page.get_by_role("main")).to_contain_text("in the log of its service: journalctl -u daypass")
    for path in ("/login", "/members", "/nowhere"):
        page.goto(path)
        expect(page.get_by_role("complementary", name="Before the first account")).to_contain_text(WHERE)
    create_the_first_account(page, new_server)
    expect(page.get_by_text(WHERE)).to_have_count(0)
    follow_the_next_steps(page)
    protect_a_page(page, new_server)


def create_the_first_account(page: Page, server: Server) -> None:
    """Follow the link of the start, which a newer one has replaced, then the newer one."""
    newer = server.command("setup-link").strip()
    assert status(page.goto(server.setup_link)) == 410
    expect(page.get_by_role("main")).to_contain_text("This link is not valid any more.")
    expect(page.get_by_role("main")).to_contain_text("daypass setup-link prints a new one.")
    page.goto(newer)
    fill_in(page, "Create administrator account", name="alice", password=PASSWORD)
    expect_heading(page, "Your pages")
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("alice")


def follow_the_next_steps(page: Page) -> None:
    """Open each page that the list leads to, and come back."""
    steps = page.get_by_role("region", name="Next steps")
    expect(steps.get_by_role("listitem")).to_have_count(3)
    for step, path in (
        ("Invite people", "/admin/invitations"),
        ("Protect something", "/admin/rules"),
        ("Look at the lab", "/lab"),
    ):
        steps.get_by_role("link", name=step).click()
        expect(page).to_have_url(re.compile(f"{path}$"))
        page.goto("/")


def protect_a_page(page: Page, server: Server) -> None:
    """Protect a folder and add an account: the list disappears, and the folder is one of the pages."""
    (server.folder / "public").mkdir()
    (server.folder / "public" / "index.html").write_text("<!doctype html><title>Swifts</title><h1>Swifts</h1>")
    server.command("user", "add", "bob", "--password-stdin", stdin=PASSWORD)
    server.stop()
    server.environ["DAYPASS_SITE"] = str(server.folder / "public")
    server.start()
    page.goto("/-/")
    expect(page.get_by_role("region", name="Next steps")).to_have_count(0)
    page.get_by_role("main").get_by_role("link", name="This site").click()
    expect_heading(page, "Swifts")
