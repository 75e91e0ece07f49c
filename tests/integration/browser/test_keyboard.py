"""Everything works with the keyboard alone."""

from playwright.sync_api import Locator, Page, expect

from tests.conftest import PASSWORD

MAX_TABS = 12  # presses of Tab


def tab_to(page: Page, target: Locator, max_tabs: int = MAX_TABS) -> None:
    """Press Tab until the target has the focus.

    The focus must be visible at every stop.
    """
    for _ in range(max_tabs):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_be_in_viewport()
        assert page.locator(":focus").evaluate("element => getComputedStyle(element).outlineStyle") != "none"
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} was not reached")


def test_the_first_focusable_link_skips_to_the_content(page: Page) -> None:
    page.goto("/")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link").first).to_be_focused()


def test_sign_in_and_sign_out(page: Page) -> None:
    page.goto("/members")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("charlie")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    tab_to(page, page.get_by_role("button", name="Sign in", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Hello, charlie.")
    tab_to(page, page.get_by_role("button", name="Sign out", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")


def test_the_sign_in_form_has_the_focus_when_it_opens(page: Page) -> None:
    page.goto("/login")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()  # Chromium sets the focus after the first paint
    page.keyboard.type("charlie")
    page.keyboard.press("Tab")
    page.keyboard.type("not it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("charlie")


def test_a_password_can_be_shown(page: Page) -> None:
    page.goto("/login")
    tab_to(page, page.get_by_role("button", name="Show password"))
    page.keyboard.press("Space")
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
