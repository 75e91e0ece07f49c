"""At the door: what visitors without a valid pass see, and signing in from there."""

import re

import pytest
from playwright.sync_api import Page, expect

from daypass.tokens.errors import TokenFault
from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import (
    Serve,
    Visit,
    expect_heading,
    fill_in,
    put_cookie,
    sign_up,
    status,
)

REQUESTED = "/members?x=1&y=%C3%BC"
SIGN_IN_TO_SEE = "Sign in to see the members page"
SAYS = {  # by fault: the title, what follows it, and what the gate said
    TokenFault.MISSING: (SIGN_IN_TO_SEE, None, "no token was sent"),
    TokenFault.EXPIRED: (
        SIGN_IN_TO_SEE,
        re.compile(r"Your pass expired (on .*)?at \d\d:\d\d\. Sign in for a new one\."),
        "the token has expired",
    ),
    TokenFault.ENDED: (
        SIGN_IN_TO_SEE,
        re.compile(r"Your pass was ended at \d\d:\d\d by signing out\. Sign in for a new one\."),
        "the session of the token was ended",
    ),
    TokenFault.FORGED: (
        "Invalid token",
        re.compile(r"This token was changed, or was not issued by this site\."),
        "the token was changed, or was not issued by this site",
    ),
}


def assert_refused(page: Page, fault: TokenFault) -> None:
    title, reason, said = SAYS[fault]
    expect_heading(page, title)
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    if reason is not None:
        expect(name).to_have_accessible_description(reason)
    expect(page.get_by_text(f"Invalid token: {said}", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="Refused")).to_have_count(1 if fault is TokenFault.FORGED else 0)


@pytest.mark.parametrize("fault", TokenFault, ids=lambda fault: fault.name.lower())
def test_the_reason_is_shown_and_signing_in_leads_to_the_requested_page(
    visit: Visit, invalid_tokens: dict[TokenFault, str | None], fault: TokenFault
) -> None:
    page = visit(invalid_tokens[fault])
    assert status(page.goto(REQUESTED)) == 401
    assert_refused(page, fault)
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Hello, charlie.")
    assert page.url.endswith(REQUESTED)


@pytest.mark.parametrize("size", [(360, 800), (1366, 768)], ids=str)
@pytest.mark.parametrize("fault", TokenFault, ids=lambda fault: fault.name.lower())
def test_the_whole_form_is_visible_without_scrolling(
    visit: Visit, invalid_tokens: dict[TokenFault, str | None], fault: TokenFault, size: tuple[int, int]
) -> None:
    width, height = size
    page = visit(invalid_tokens[fault], viewport={"width": width, "height": height})
    page.goto("/account/sessions")
    box = page.locator("form").bounding_box()
    assert box is not None
    assert (box["y"] > 0, box["y"] + box["height"] <= height) == (True, True)


@pytest.mark.parametrize("java_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_pass_that_expires_while_a_page_is_open_is_renewed_by_signing_in(
    visit: Visit, serve: Serve, java_script: bool
) -> None:
    server = serve(DAYPASS_SIGNUP="open", DAYPASS_TOKEN_LIFETIME="3")
    sign_up(server, "charlie")
    page = visit(url=server.url, java_script_enabled=java_script)
    page.goto("/login?next=/members")
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Hello, charlie.")
    page.wait_for_timeout(3_500)
    page.get_by_role("link", name="Sessions", exact=True).click()
    expect_heading(page, "Sign in to see your sessions")
    expect(page.get_by_text(re.compile(r"Your pass expired .*at \d\d:\d\d"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(r"Your pass expired .*at \d\d:\d\d"))).to_be_visible()
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)
    expect_heading(page, "Where you are signed in")


@pytest.mark.parametrize("java_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_stub_says_how_long_the_pass_will_be_valid(visit: Visit, java_script: bool) -> None:
    page = visit(java_script_enabled=java_script)
    page.goto("/login")
    stub = page.locator(".pass-stub")
    expect(stub).to_contain_text("one day", use_inner_text=True)
    page.get_by_label("Keep me signed in").check()
    expect(stub).to_contain_text("7 days, renewed for up to 30 days", use_inner_text=True)
    expect(stub).not_to_contain_text("one day", use_inner_text=True)


def test_a_visitor_who_is_signed_in_may_continue_or_sign_in_as_somebody_else(visit: Visit, server: Server) -> None:
    page = visit(server.sign_in("charlie", PASSWORD))
    page.goto("/login?next=/members")
    expect_heading(page, "You are signed in as charlie")
    page.get_by_role("link", name="Continue to the members page").click()
    expect(page.get_by_role("main")).to_contain_text("Hello, charlie.")
    page.go_back()
    page.get_by_role("link", name="Sign in as somebody else").click()
    fill_in(page, "Sign in", name="alice", password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Hello, alice.")


def test_a_visitor_without_access_may_sign_in_as_somebody_else(visit: Visit, server: Server) -> None:
    page = visit(server.sign_in("charlie", PASSWORD))
    assert status(page.goto("/admin/keys")) == 403
    expect(page.get_by_role("main")).to_contain_text("You are signed in as charlie.")
    page.get_by_role("link", name="Sign in as somebody else").click()
    fill_in(page, "Sign in", name="alice", password=PASSWORD)
    expect_heading(page, "Keys")


@pytest.mark.parametrize("path", ["/account", "/admin/keys"])
def test_the_navigation_is_on_one_line_on_a_phone(visit: Visit, alice: str, path: str) -> None:
    page = visit(alice, viewport={"width": 360, "height": 800})
    page.goto(path)
    for navigation in page.get_by_role("navigation").all():
        tops = {round(link.bounding_box()["y"]) for link in navigation.get_by_role("link").all()}  # type: ignore[index]
        assert len(tops) == 1


def test_a_cookie_that_becomes_invalid_is_refused_at_the_next_page(
    visit: Visit, server: Server, bob: str, invalid_tokens: dict[TokenFault, str | None]
) -> None:
    page = visit(bob)
    page.goto("/")
    put_cookie(page.context, server.url, invalid_tokens[TokenFault.FORGED] or "")
    page.get_by_role("link", name="Members", exact=True).click()
    assert_refused(page, TokenFault.FORGED)
    assert page.context.cookies() == []


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
    page.goto("/account/settings")
    server.request("POST", "/logout", {"Authorization": f"Bearer {token}"})
    fill_in(page, "Change password", current_password=PASSWORD, new_password="another 9 heron meadow")
    expect_heading(page, "Sign in")
    expect(page.get_by_text(re.compile("Your pass was ended at .* by signing out"))).to_be_visible()
    fill_in(page, "Sign in", name="charlie", password=PASSWORD)
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("charlie")
    assert page.url == f"{server.url}/"
