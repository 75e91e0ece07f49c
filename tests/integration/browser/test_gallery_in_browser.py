"""The attack gallery: one attack or all of them tried, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from daypass.lab.attacks.catalogue import ATTACKS
from tests.conftest import PASSWORD
from tests.helpers.server import Server, bearer
from tests.integration.browser.conftest import Visit, expect_heading, sign_up

SCORE = "21 of 22 refused. The weak secret was let in, on purpose."


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def gallery(visit: Visit, bob: str, request: pytest.FixtureRequest) -> Page:
    """Bob's gallery, in a browser with scripts and in one without."""
    page = visit(bob, java_script_enabled=request.param)
    page.goto("/lab/attacks")
    return page


def attack(page: Page, title: str) -> Locator:
    """One of the attacks."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title, exact=True))


def press(page: Page, title: str) -> None:
    """Try this one."""
    attack(page, title).get_by_role("button", name="Try this attack").click()


def test_one_is_tried_and_stays_in_view(gallery: Page) -> None:
    one = attack(gallery, "A file as the key")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_have_count(0)
    press(gallery, "A file as the key")
    expect(one.get_by_text("Refused", exact=True)).to_be_visible()
    expect(one.get_by_text("no key '../../../../../../dev/null'")).to_be_visible()
    expect(one.get_by_text("It is not a token that this site issued.")).to_be_visible()
    expect(one.get_by_text("Let in a moment before")).to_be_visible()
    came_back = gallery.url.endswith("#attack-kid-path")  # to its top; with a script the page never left the button
    expect(one.get_by_role("heading") if came_back else one.get_by_text("Refused", exact=True)).to_be_in_viewport()
    expect(one.get_by_role("button", name="Try again")).to_be_visible()
    expect(gallery.locator(".score-counts")).to_have_text("1 of 22 tried, 1 refused, 0 let in")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_have_count(1)


def test_all_are_tried_and_counted(gallery: Page) -> None:
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


def test_what_a_drawing_shows_is_said_too(gallery: Page) -> None:
    said = (
        "The browser sends the forged pass: alg: none. The gate finds: a part missing. The verdict: 401, Invalid token."
    )
    expect(gallery.get_by_role("img", name=said)).to_be_visible()
    expect(gallery.get_by_role("img", name="The browser sends the forged pass")).to_have_count(22)


def test_the_visitor_stays_signed_in_and_no_session_is_left(gallery: Page) -> None:
    gallery.goto("/account/sessions")
    before = gallery.locator(".pass-list").first.get_by_role("listitem").count()
    gallery.goto("/lab/attacks")
    press(gallery, "A copy of an ended pass")
    expect(attack(gallery, "A copy of an ended pass").get_by_text("session ended", exact=True).last).to_be_visible()
    gallery.goto("/account/sessions")
    expect_heading(gallery, "Where you are signed in")
    expect(gallery.locator(".pass-list").first.get_by_role("listitem")).to_have_count(before)


@pytest.fixture
def lively(visit: Visit, bob: str) -> Page:
    """Bob's gallery, with scripts."""
    page = visit(bob)
    page.goto("/lab/attacks")
    return page


def test_the_bar_moves_as_each_is_tried(lively: Page) -> None:
    """The tenth answer is held back until the bar has been looked at."""
    bar, held = lively.get_by_role("progressbar"), ATTACKS[9].name
    expect(bar).to_be_hidden()
    waiting = []
    lively.route(f"**/lab/attacks/{held}", lambda route: waiting.append(route))
    lively.get_by_role("button", name="Try all attacks").click()
    expect(lively.locator(".score-counts")).to_have_text("9 of 22 tried, 9 refused, 0 let in")
    expect(bar).to_have_attribute("value", "9")
    expect(bar).to_be_visible()
    lively.get_by_role("button", name="Try all attacks").click()  # nothing begins anew meanwhile
    expect(lively.locator(".score-counts")).to_have_text("9 of 22 tried, 9 refused, 0 let in")
    waiting[0].continue_()
    expect(lively.locator(".score-counts")).to_have_text("22 of 22 tried, 21 refused, 1 let in")
    expect(bar).to_have_attribute("value", "22")
    assert len(waiting) == 1


def test_the_score_adds_up_and_is_told(lively: Page) -> None:
    told = lively.get_by_role("status")
    press(lively, "No signature at all")
    expect(told).to_have_text("No signature at all: Refused.")
    press(lively, "A secret from a word list")
    expect(told).to_have_text("A secret from a word list: Let in, on purpose.")
    expect(lively.locator(".score-counts")).to_have_text("2 of 22 tried, 1 refused, 1 let in")
    lively.get_by_role("button", name="Try all attacks").click()
    expect(told).to_have_text(SCORE)
    assert lively.url.endswith("/lab/attacks")


def test_a_weak_secret_that_is_refused_is_not_called_good(lively: Page) -> None:
    """The server's page says so by the same state (tests/web/pages/test_attacks_page.py)."""
    kept_out = {"state": "kept-out", "word": "refused", "headline": "Refused", "reasons": [], "message": ""}
    lively.route("**/lab/attacks/weak-secret", lambda route: route.fulfill(json=kept_out))
    lively.get_by_role("button", name="Try all attacks").click()
    expect(lively.get_by_role("status")).to_have_text(re.compile("^Some attacks did not have the expected result."))
    expect(lively.locator(".score-counts")).to_have_text("22 of 22 tried, 22 refused, 0 let in")
    expect(attack(lively, "A secret from a word list").locator(".attack-stamp")).to_be_hidden()


def test_the_keyboard_is_enough(lively: Page) -> None:
    button = attack(lively, "A better role").get_by_role("button")
    button.focus()
    expect(button).to_be_focused()
    lively.keyboard.press("Enter")
    expect(attack(lively, "A better role").get_by_text("Refused", exact=True)).to_be_visible()
    expect(button).to_be_focused()


def test_a_session_that_ended_meanwhile_leads_to_the_page_that_says_so(visit: Visit, server: Server) -> None:
    sign_up(server, "gallery-visitor")
    token = server.sign_in("gallery-visitor", PASSWORD)
    page = visit(token).context.new_page()  # not watched: Chromium calls what is refused trouble
    page.goto("/lab/attacks")
    server.request("POST", "/logout", bearer(token))
    expect_heading(page, "Attack gallery")
    page.get_by_role("button", name="Try all attacks").click()
    expect_heading(page, "Invalid token")
    expect(page.get_by_text("Its session has been ended.")).to_be_visible()
