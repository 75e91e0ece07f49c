"""The "Invalid token" page, and signing in from it."""

import pytest
from playwright.sync_api import Page, expect

from daypass.tokens.errors import TokenFault
from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import Visit, expect_heading, fill_in, put_cookie, status

REQUESTED = "/members?x=1&y=%C3%BC"


def assert_refused(page: Page, reason: str) -> None:
    expect_heading(page, "Invalid token")
    expect(page.get_by_role("region", name="Invalid token")).to_contain_text(reason)
    expect(page.get_by_label("Name", exact=True)).to_have_accessible_description(reason)


@pytest.mark.parametrize("fault", TokenFault, ids=lambda fault: fault.name.lower())
def test_the_reason_is_shown_and_signing_in_leads_to_the_requested_page(
    visit: Visit, invalid_tokens: dict[TokenFault, str | None], fault: TokenFault
) -> None:
    page = visit(invalid_tokens[fault])
    assert status(page.goto(REQUESTED)) == 401
    assert_refused(page, fault)
    assert page.context.cookies() == []
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Hello, charlie.")
    assert page.url.endswith(REQUESTED)


def test_a_cookie_that_becomes_invalid_is_refused_at_the_next_page(
    visit: Visit, server: Server, bob: str, invalid_tokens: dict[TokenFault, str | None]
) -> None:
    page = visit(bob)
    page.goto("/")
    put_cookie(page.context, server.url, invalid_tokens[TokenFault.FORGED] or "")
    page.get_by_role("link", name="Members", exact=True).click()
    assert_refused(page, TokenFault.FORGED)


def test_a_public_page_ignores_an_invalid_cookie(visit: Visit, invalid_tokens: dict[TokenFault, str | None]) -> None:
    page = visit(invalid_tokens[TokenFault.FORGED])
    assert status(page.goto("/")) == 200
    expect(page.get_by_role("navigation", name="Your account")).to_be_visible()


def test_a_wrong_password_keeps_the_requested_page(page: Page) -> None:
    page.goto(REQUESTED)
    fill_in(page, "Sign in", name="charlie", password="not it")
    expect(page.get_by_role("alert")).to_be_visible()
    fill_in(page, "Sign in", password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Hello, charlie.")
    assert page.url.endswith(REQUESTED)


def test_signing_up_keeps_the_requested_page(page: Page) -> None:
    page.goto(REQUESTED)
    page.get_by_role("link", name="Sign up").click()
    fill_in(page, "Create account", name="edgar", password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Hello, edgar.")
    assert page.url.endswith(REQUESTED)


def test_a_password_change_after_the_pass_has_ended_leads_to_the_start_page(visit: Visit, server: Server) -> None:
    token = server.sign_in("charlie", PASSWORD)
    page = visit(token)
    page.goto("/account")
    server.request("POST", "/logout", {"Authorization": f"Bearer {token}"})
    fill_in(page, "Change password", current_password=PASSWORD, new_password="another 9 heron meadow")
    assert_refused(page, TokenFault.ENDED)
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("charlie")
    assert page.url == f"{server.url}/"
