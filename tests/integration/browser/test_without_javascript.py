"""Everything works in a browser without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.integration.browser.conftest import Visit, expect_heading, fill_in

ANOTHER = "another 9 heron meadow"


@pytest.fixture
def plain(visit: Visit) -> Page:
    """A page of a browser without JavaScript."""
    return visit(java_script_enabled=False)


def test_signing_up_changing_the_password_and_signing_out_work(plain: Page) -> None:
    plain.goto("/members")
    plain.get_by_role("link", name="Sign up").click()
    fill_in(plain, "Create account", name="hanna", password=PASSWORD)
    expect(plain.get_by_role("main")).to_contain_text("Hello, hanna.")
    plain.get_by_role("link", name="See what your token contains").click()
    plain.get_by_role("link", name="Account", exact=True).click()
    fill_in(plain, "Change password", current_password=PASSWORD, new_password=ANOTHER)
    expect(plain.get_by_role("status").first).to_contain_text("Your password was changed")
    plain.get_by_role("button", name="Sign out", exact=True).click()
    expect(plain.get_by_role("status")).to_contain_text("You are signed out.")
    plain.get_by_role("link", name="The members page").click()
    expect_heading(plain, "Sign in to see the members page")
    fill_in(plain, "Sign in", name="hanna", password=ANOTHER)
    expect(plain.get_by_role("main")).to_contain_text("Hello, hanna.")


def test_nothing_that_needs_a_script_is_shown(visit: Visit, bob: str) -> None:
    nobody, member = (visit(token, java_script_enabled=False) for token in (None, bob))
    for page, path in ((nobody, "/login"), (nobody, "/signup"), (nobody, "/members"), (member, "/account/settings")):
        page.goto(path)
        expect(page.get_by_label("Password").first).to_be_visible()
        expect(page.locator("button[type=button]").filter(visible=True)).to_have_count(0)
        expect(page.get_by_text("Times are shown in UTC.")).to_be_visible()


def test_times_say_that_they_are_utc(visit: Visit, bob: str) -> None:
    page = visit(bob, java_script_enabled=False, timezone_id="Asia/Tokyo")
    page.goto("/account")
    page.get_by_text("See the token itself").click()
    times = page.get_by_role("time").all()
    assert len(times) == 6
    for time in times:
        expect(time).to_contain_text("UTC")


def test_the_remaining_time_of_the_pass_is_shown(visit: Visit, bob: str) -> None:
    page = visit(bob, java_script_enabled=False)
    page.goto("/account")
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("Active 23 h 5")
