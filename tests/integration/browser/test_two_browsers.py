"""Two browsers: one lists the other's session, ends it, and the other is refused."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.helpers.tokens import bearer_header
from tests.integration.browser.conftest import AT_THE_DOOR, Visit, cookie_of, expect_heading, fill_in, sign_up

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def here(visit: Visit, server: Server, request: pytest.FixtureRequest) -> Page:
    """A browser in which a new account is signed in."""
    name = request.node.name.removeprefix("test_").partition("[")[0].replace("_", "-")[:32]
    page = visit(sign_up(server, name))
    page.goto("/account/sessions")
    return page


def signed_in_again(visit: Visit, here: Page, **options: str) -> Page:
    """Another browser, in which the same account signs in by the form."""
    name = here.get_by_role("banner").locator("form span").inner_text()
    there = visit(**options)
    there.goto("/login")
    fill_in(there, "Sign in", name=name, password=PASSWORD)
    there.goto("/members")
    return there


def test_another_browsers_session_is_listed_ended_and_refused(visit: Visit, here: Page) -> None:
    there = signed_in_again(visit, here, user_agent=PHONE)
    here.reload()
    expect(here.get_by_role("heading", name="Safari on iOS")).to_be_visible()
    here.get_by_role("link", name="Revoke Safari on iOS").click()
    expect_heading(here, "Revoke Safari on iOS?")
    here.get_by_role("button", name="Revoke this session").click()
    expect_heading(here, "Where you are signed in")
    expect(here.get_by_role("status").first).to_contain_text("The session was revoked.")
    here.get_by_text("1 session in the last 7 days").click()
    expect(here.get_by_text("Ended by you")).to_be_visible()
    there.reload()
    expect_heading(there, AT_THE_DOOR)
    expect(there.get_by_text(re.compile("Your pass was ended .* by you"))).to_be_visible()
    here.goto("/members")
    expect_heading(here, "Members")


def test_all_other_sessions_end_together_and_this_one_stays(visit: Visit, here: Page) -> None:
    others = [signed_in_again(visit, here) for _ in range(2)]
    here.reload()
    here.get_by_role("link", name="Revoke all 2 others").click()
    here.get_by_role("button", name="Revoke all other sessions").click()
    expect(here.get_by_role("status").first).to_contain_text("Revoked: 2 other sessions.")
    expect(here.get_by_role("link", name="Revoke")).to_have_count(0)
    for there in others:
        there.reload()
        expect_heading(there, AT_THE_DOOR)


def test_a_session_can_be_named(visit: Visit, here: Page) -> None:
    signed_in_again(visit, here, user_agent=PHONE)
    here.reload()
    one = here.get_by_role("listitem").filter(has=here.get_by_role("heading", name="Safari on iOS"))
    one.get_by_text("Add a name").click()
    one.get_by_label("Name", exact=True).fill("Phone <in the kitchen>")
    one.get_by_role("button", name="Save name").click()
    expect(here.get_by_role("heading", name="Phone <in the kitchen>")).to_be_visible()


def test_an_api_token_is_created_used_listed_and_ended(server: Server, here: Page) -> None:
    here.get_by_role("link", name="Tokens").click()
    here.get_by_role("textbox", name="Name", exact=True).last.fill("nightly report")
    here.get_by_role("button", name="Create token").click()
    expect_heading(here, "A token for nightly report")
    token = here.locator(".token").inner_text().replace("\n", "").strip()
    assert server.request("GET", "/members", bearer_header(token)).status == 200
    here.get_by_role("link", name="Go back to your tokens").click()
    here.get_by_role("link", name="Revoke nightly report").click()
    here.get_by_role("button", name="Revoke this token").click()
    expect(here.get_by_role("status").first).to_contain_text("The token was revoked.")
    assert server.request("GET", "/members", bearer_header(token)).status == 401


def test_an_old_password_confirmation_is_renewed_and_the_action_completed(visit: Visit, stale: str, bob: str) -> None:
    page = visit(stale)
    page.goto("/account/tokens")
    page.get_by_role("textbox", name="Name", exact=True).last.fill("made after all")
    page.get_by_role("button", name="Create token").click()
    expect_heading(page, "Confirm your password")
    fill_in(page, "Continue", password="not it")
    expect(page.get_by_text("Wrong password.")).to_be_visible()
    fill_in(page, "Continue", password=PASSWORD)
    expect_heading(page, "A token for made after all")
    assert cookie_of(page) != stale


def test_keep_me_signed_in_sets_a_cookie_for_a_week(visit: Visit, server: Server) -> None:
    page = visit()
    page.goto("/login")
    page.get_by_label("Keep me signed in").check()
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)
    (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"] == "daypass"]
    now = page.evaluate("Date.now() / 1000")
    kept_after_expiry = 3 * 86_400
    assert 7 * 86_400 - 60 < cookie["expires"] - kept_after_expiry - now <= 7 * 86_400


def test_an_account_is_deleted_with_its_password(visit: Visit, here: Page) -> None:
    there = signed_in_again(visit, here)
    here.get_by_role("link", name="Account", exact=True).click()
    here.get_by_role("link", name="Delete my account").click()
    here.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
    here.get_by_role("button", name="Delete my account").click()
    expect(here.get_by_role("status")).to_contain_text("Your account was deleted")
    there.reload()
    expect_heading(there, AT_THE_DOOR)
