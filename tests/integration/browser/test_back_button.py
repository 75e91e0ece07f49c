"""After signing out, the back button shows nothing protected."""

import pytest
from playwright.sync_api import expect

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import AT_THE_DOOR, Visit, expect_heading


@pytest.mark.parametrize("path", ["/members", "/account", "/admin"])
def test_back_and_forward_are_refused_after_signing_out(visit: Visit, server: Server, path: str) -> None:
    page = visit(server.sign_in("alice", PASSWORD))
    page.goto(path)
    expect(page.get_by_role("main")).to_contain_text("alice")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    page.go_back()
    expect_heading(page, AT_THE_DOOR)
    expect(page.get_by_text("alice")).to_have_count(0)
    page.go_back()
    page.evaluate("void setTimeout(() => history.forward())")  # returns before the page navigates
    expect(page).to_have_url(f"{server.url}{path}")
    expect_heading(page, AT_THE_DOOR)
    expect(page.get_by_text("alice")).to_have_count(0)


def test_a_page_left_open_elsewhere_is_refused_at_its_next_click(visit: Visit, server: Server) -> None:
    page = visit(server.sign_in("charlie", PASSWORD))
    page.goto("/")
    tab = page.context.new_page()
    tab.goto("/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    tab.get_by_role("link", name="Members", exact=True).click()
    expect_heading(tab, AT_THE_DOOR)
    expect(tab.get_by_text("no token was sent")).to_be_visible()


def test_a_copy_of_the_cookie_is_refused_after_signing_out(visit: Visit, server: Server) -> None:
    token = server.sign_in("charlie", PASSWORD)
    page, thief = visit(token), visit(token)
    page.goto("/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    thief.goto("/members")
    expect_heading(thief, AT_THE_DOOR)
    expect(thief.get_by_text("Your pass was ended")).to_be_visible()
