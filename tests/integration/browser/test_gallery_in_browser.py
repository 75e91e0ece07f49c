"""The attack gallery, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from daypass.lab.attacks.catalogue import ATTACKS
from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.helpers.tokens import bearer_header
from tests.integration.browser.conftest import AT_THE_DOOR, Visit, expect_heading, sign_up

SCORE = "21 of 22 refused. The weak secret was let in, on purpose."


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def gallery(visit: Visit, bob: str, request: pytest.FixtureRequest) -> Page:
    """Bob's gallery, in a browser with scripts and in one without."""
    page = visit(bob, java_script_enabled=request.param)
    page.goto("/lab/attacks")
    return page


def attack(page: Page, title: str) -> Locator:
    """The list item of an attack."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title, exact=True))


def press(page: Page, title: str) -> None:
    """Run this attack."""
    attack(page, title).get_by_role("button", name="Try this attack").click()


def test_one_attack_is_run_and_stays_in_view(gallery: Page) -> None:
    one = attack(gallery, "A file as the key")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_have_count(0)
    press(gallery, "A file as the key")
    expect(one.get_by_text("Refused", exact=True)).to_be_visible()
    expect(one.get_by_text("no key '../../../../../../dev/null'")).to_be_visible()
    expect(one.get_by_text("This token was changed, or was not issued by this site.")).to_be_visible()
    expect(one.get_by_text("Let in a moment before")).to_be_visible()
    reloaded = gallery.url.endswith(
        "#attack-kid-path"
    )  # the browser then jumps to its top; with scripts the page stays at the button
    expect(one.get_by_role("heading") if reloaded else one.get_by_text("Refused", exact=True)).to_be_in_viewport()
    expect(one.get_by_role("button", name="Try again")).to_be_visible()
    expect(gallery.locator(".score-counts")).to_have_text("1 of 22 tried, 1 refused, 0 let in")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_have_count(1)


def test_all_attacks_are_run_and_counted(gallery: Page) -> None:
    gallery.get_by_role("button", name="Try all attacks").click()
    expect(gallery.get_by_text(SCORE).filter(visible=True).first).to_be_visible()
    expect(gallery.locator(".score-counts")).to_have_text("22 of 22 tried, 21 refused, 1 let in")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_have_count(22)
    expect(gallery.get_by_text("The log says").filter(visible=True)).to_have_count(21)
    board = gallery.locator(".score-list")
    expect(board.get_by_text("refused", exact=True)).to_have_count(21)
    expect(board.get_by_role("listitem").filter(has_text="let in")).to_have_text("A secret from a word list let in")
    expect(attack(gallery, "A secret from a word list").get_by_text("Let in, on purpose")).to_be_visible()


def test_the_weak_secret_gets_in_and_says_so(gallery: Page) -> None:
    press(gallery, "A secret from a word list")
    one = attack(gallery, "A secret from a word list")
    expect(one.get_by_text("Let in, on purpose")).to_be_visible()
    expect(one.get_by_text("The log says")).to_be_hidden()
    expect(gallery.locator(".score-counts")).to_have_text("1 of 22 tried, 0 refused, 1 let in")


def test_each_drawing_has_a_text_alternative(gallery: Page) -> None:
    description = (
        "The browser sends the forged pass: alg: none. The gate finds: no signature. The verdict: 401, Invalid token."
    )
    expect(gallery.get_by_role("img", name=description)).to_be_visible()
    expect(gallery.get_by_role("img", name="The browser sends the forged pass")).to_have_count(22)


def test_the_visitor_stays_signed_in_and_no_session_is_left(gallery: Page) -> None:
    gallery.goto("/account/sessions")
    before = gallery.locator(".pass-list").first.get_by_role("listitem").count()
    gallery.goto("/lab/attacks")
    press(gallery, "A copied pass after sign-out")
    expect(
        attack(gallery, "A copied pass after sign-out").get_by_text("session ended", exact=True).last
    ).to_be_visible()
    gallery.goto("/account/sessions")
    expect_heading(gallery, "Where you are signed in")
    expect(gallery.locator(".pass-list").first.get_by_role("listitem")).to_have_count(before)


@pytest.fixture
def gallery_with_scripts(visit: Visit, bob: str) -> Page:
    """Bob's gallery, with scripts."""
    page = visit(bob)
    page.goto("/lab/attacks")
    return page


def test_the_progress_bar_moves_with_each_attack(gallery_with_scripts: Page) -> None:
    """The tenth response is held back until the bar has been checked."""
    bar, held = gallery_with_scripts.get_by_role("progressbar"), ATTACKS[9].name
    expect(bar).to_be_hidden()
    waiting_routes = []
    gallery_with_scripts.route(f"**/lab/attacks/{held}", lambda route: waiting_routes.append(route))
    gallery_with_scripts.get_by_role("button", name="Try all attacks").click()
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("9 of 22 tried, 9 refused, 0 let in")
    expect(bar).to_have_attribute("value", "9")
    expect(bar).to_be_visible()
    gallery_with_scripts.get_by_role("button", name="Try all attacks").click()  # this must not start a second run
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("9 of 22 tried, 9 refused, 0 let in")
    waiting_routes[0].continue_()
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("22 of 22 tried, 21 refused, 1 let in")
    expect(bar).to_have_attribute("value", "22")
    assert len(waiting_routes) == 1


def test_the_score_adds_up_and_is_announced(gallery_with_scripts: Page) -> None:
    status = gallery_with_scripts.get_by_role("status")
    press(gallery_with_scripts, "No signature at all")
    expect(status).to_have_text("No signature at all: Refused.")
    press(gallery_with_scripts, "A secret from a word list")
    expect(status).to_have_text("A secret from a word list: Let in, on purpose.")
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("2 of 22 tried, 1 refused, 1 let in")
    gallery_with_scripts.get_by_role("button", name="Try all attacks").click()
    expect(status).to_have_text(SCORE)
    assert gallery_with_scripts.url.endswith("/lab/attacks")


def test_a_refused_weak_secret_is_shown_as_unexpected(gallery_with_scripts: Page) -> None:
    """The server's page shows the same state (tests/web/pages/test_attacks_page.py)."""
    outcome = {"state": "kept-out", "word": "refused", "headline": "Refused", "reasons": [], "message": ""}
    gallery_with_scripts.route("**/lab/attacks/weak-secret", lambda route: route.fulfill(json=outcome))
    gallery_with_scripts.get_by_role("button", name="Try all attacks").click()
    expect(gallery_with_scripts.get_by_role("status")).to_have_text(
        re.compile("^Some attacks did not have the expected result.")
    )
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("22 of 22 tried, 22 refused, 0 let in")
    expect(attack(gallery_with_scripts, "A secret from a word list").locator(".attack-stamp")).to_be_hidden()


def test_the_keyboard_is_enough(gallery_with_scripts: Page) -> None:
    button = attack(gallery_with_scripts, "A better role").get_by_role("button")
    button.focus()
    expect(button).to_be_focused()
    gallery_with_scripts.keyboard.press("Enter")
    expect(attack(gallery_with_scripts, "A better role").get_by_text("Refused", exact=True)).to_be_visible()
    expect(button).to_be_focused()


def test_a_session_that_ended_meanwhile_leads_to_the_invalid_token_page(visit: Visit, server: Server) -> None:
    sign_up(server, "gallery-visitor")
    token = server.sign_in("gallery-visitor", PASSWORD)
    page = visit(token).context.new_page()  # not monitored, because Chromium reports refused requests as errors
    page.goto("/lab/attacks")
    server.request("POST", "/logout", bearer_header(token))
    expect_heading(page, "Attack gallery")
    page.get_by_role("button", name="Try all attacks").click()
    expect_heading(page, AT_THE_DOOR)
    expect(page.get_by_text("Your pass was ended")).to_be_visible()
