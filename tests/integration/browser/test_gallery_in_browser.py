"""The attack gallery, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from daypass.lab.attacks.catalogue import ATTACKS
from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.helpers.tokens import bearer_header
from tests.integration.browser.conftest import AT_THE_DOOR, Visit, expect_heading, sign_up

SCORE = "27 of 28 refused. The weak secret was let in, on purpose."
REFUSED = {"state": "refused", "headline": "Refused", "reasons": ["expired"], "message": "This token has expired."}


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def gallery(visit: Visit, bob: str, request: pytest.FixtureRequest) -> Page:
    """Bob's gallery, in a browser with scripts and in one without."""
    page = visit(bob, java_script_enabled=request.param)
    page.goto("/lab/attacks")
    return page


def attack(page: Page, title: str) -> Locator:
    """The list item of an attack."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title, exact=True))


def unfold(page: Page, title: str) -> None:
    """Open this attack."""
    attack(page, title).get_by_role("heading").click()


def press(page: Page, title: str) -> None:
    """Open this attack and run it."""
    unfold(page, title)
    attack(page, title).get_by_role("button", name="Try this attack").click()


def verdict(page: Page, title: str) -> Locator:
    """The outcome that is visible while the attack is folded."""
    return attack(page, title).locator("summary").locator(".attack-verdict")


def screens(page: Page) -> float:
    """The height of the page, in screens."""
    height: float = page.evaluate("document.documentElement.scrollHeight / innerHeight")
    return height


def test_folded_the_gallery_has_five_screens_of_a_phone(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 360, "height": 800})
    assert screens(gallery) <= 5
    for shown in ("No signature at all", "alg none", "The gate reads the algorithm from the token, finds “none”"):
        expect(attack(gallery, "No signature at all").get_by_text(shown).first).to_be_visible()
    expect(gallery.get_by_text("Expected: refused")).to_have_count(27)
    expect(gallery.get_by_role("button", name="Try this attack")).to_have_count(0)
    unfold(gallery, "No signature at all")
    expect(gallery.get_by_role("button", name="Try this attack")).to_have_count(1)
    assert screens(gallery) > 5
    unfold(gallery, "No signature at all")
    expect(gallery.get_by_role("button", name="Try this attack")).to_have_count(0)


def test_a_link_to_an_attack_opens_it(gallery: Page) -> None:
    gallery.goto("/lab/attacks#kid-path")
    one = attack(gallery, "A file as the key")
    expect(one.get_by_role("heading")).to_be_in_viewport()
    expect(one.get_by_role("button", name="Try this attack")).to_be_visible()
    expect(gallery.get_by_role("button", name="Try this attack")).to_have_count(1)
    gallery.get_by_role("link", name="a secret from a word list").click()
    expect(attack(gallery, "A secret from a word list").get_by_text("Why it succeeds")).to_be_in_viewport()
    assert (
        attack(gallery, "A secret from a word list")
        .get_by_role("link", name="Link to this attack")
        .get_attribute("href")
        == gallery.url[gallery.url.index("#") :]
    )


@pytest.mark.parametrize("fragment", ["nothing", "%E0%A4%A", "main", "score", "none-diagram-1", "."])
def test_a_fragment_that_names_no_attack_opens_none(gallery: Page, fragment: str) -> None:
    gallery.goto(f"/lab/attacks#{fragment}")
    expect_heading(gallery, "Attack gallery")
    expect(gallery.get_by_role("button", name="Try this attack")).to_have_count(0)


def test_one_attack_is_run_and_stays_in_view(gallery: Page) -> None:
    one = attack(gallery, "A file as the key")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_have_count(0)
    press(gallery, "A file as the key")
    expect(verdict(gallery, "A file as the key")).to_have_text("Refused")
    expect(one.locator(".attack-headline")).to_have_text("Refused")
    expect(one.get_by_text("no key '../../../../../../dev/null'")).to_be_visible()
    expect(one.get_by_text("This token was changed, or was not issued by this site.")).to_be_visible()
    expect(one.get_by_text("Let in a moment before")).to_be_visible()
    reloaded = gallery.url.endswith("#kid-path")  # the browser then jumps to its top, and a script shows its outcome
    expect(one.get_by_role("heading") if reloaded else one.locator(".attack-headline")).to_be_in_viewport()
    expect(one.get_by_role("button", name="Try again")).to_be_visible()
    expect(gallery.locator(".score-counts")).to_have_text("1 of 28 tried, 1 refused, 0 let in")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_have_count(1)


def test_all_attacks_are_run_and_counted(gallery: Page) -> None:
    gallery.get_by_role("button", name="Try all attacks").click()
    expect(gallery.get_by_text(SCORE).filter(visible=True).first).to_be_visible()
    expect(gallery.locator(".score-counts")).to_have_text("28 of 28 tried, 27 refused, 1 let in")
    expect(gallery.locator("summary").get_by_text("Refused", exact=True).filter(visible=True)).to_have_count(27)
    expect(verdict(gallery, "A secret from a word list")).to_have_text("Let in, on purpose")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_have_count(0)
    unfold(gallery, "A refresh token as a pass")
    expect(gallery.locator(".attack-outcome").filter(visible=True)).to_contain_text(
        "issued for another purpose: refresh"
    )


def test_the_weak_secret_gets_in_and_says_so(gallery: Page) -> None:
    press(gallery, "A secret from a word list")
    one = attack(gallery, "A secret from a word list")
    expect(verdict(gallery, "A secret from a word list")).to_have_text("Let in, on purpose")
    expect(one.locator(".attack-headline")).to_have_text("Let in, on purpose")
    expect(one.get_by_text("The log says")).to_be_hidden()
    expect(gallery.locator(".score-counts")).to_have_text("1 of 28 tried, 0 refused, 1 let in")


def test_each_drawing_has_a_text_alternative(gallery: Page) -> None:
    description = (
        "The browser sends the forged pass: alg: none. The gate finds: no signature. The verdict: 401, Invalid token."
    )
    unfold(gallery, "No signature at all")
    expect(gallery.get_by_role("img", name=description)).to_be_visible()
    drawings = gallery.get_by_role("img", name="The browser sends the forged pass", include_hidden=True)
    expect(drawings).to_have_count(28)


def test_the_visitor_stays_signed_in_and_no_session_is_left(gallery: Page) -> None:
    gallery.goto("/account/sessions")
    active = gallery.get_by_role("region", name="Active").get_by_role("listitem")
    before = active.count()
    gallery.goto("/lab/attacks")
    press(gallery, "A copied pass after sign-out")
    expect(
        attack(gallery, "A copied pass after sign-out").get_by_text("session ended", exact=True).last
    ).to_be_visible()
    gallery.goto("/account/sessions")
    expect_heading(gallery, "Where you are signed in")
    expect(active).to_have_count(before)


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
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("9 of 28 tried, 9 refused, 0 let in")
    expect(bar).to_have_attribute("value", "9")
    expect(bar).to_be_visible()
    gallery_with_scripts.get_by_role("button", name="Try all attacks").click()  # this must not start a second run
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("9 of 28 tried, 9 refused, 0 let in")
    waiting_routes[0].continue_()
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("28 of 28 tried, 27 refused, 1 let in")
    expect(bar).to_have_attribute("value", "28")
    assert len(waiting_routes) == 1


def test_the_score_adds_up_and_is_announced(gallery_with_scripts: Page) -> None:
    status = gallery_with_scripts.get_by_role("status")
    press(gallery_with_scripts, "No signature at all")
    expect(status).to_have_text("No signature at all: Refused.")
    press(gallery_with_scripts, "A secret from a word list")
    expect(status).to_have_text("A secret from a word list: Let in, on purpose.")
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("2 of 28 tried, 1 refused, 1 let in")
    gallery_with_scripts.get_by_role("button", name="Try all attacks").click()
    expect(status).to_have_text(SCORE)
    assert gallery_with_scripts.url.endswith("/lab/attacks")


def test_a_refused_weak_secret_is_shown_as_unexpected(gallery_with_scripts: Page) -> None:
    """The server's page shows the same state (tests/web/pages/test_attacks_page.py)."""
    headline = "Refused, but should have been let in"
    gallery_with_scripts.route("**/lab/attacks/*", lambda route: route.fulfill(json=REFUSED))
    kept_out = REFUSED | {"state": "kept-out", "headline": headline}
    gallery_with_scripts.route("**/lab/attacks/weak-secret", lambda route: route.fulfill(json=kept_out))
    gallery_with_scripts.get_by_role("button", name="Try all attacks").click()
    expect(gallery_with_scripts.get_by_role("status")).to_have_text(
        re.compile("^Some attacks did not have the expected result.")
    )
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("28 of 28 tried, 28 refused, 0 let in")
    expect(verdict(gallery_with_scripts, "A secret from a word list")).to_have_text(headline)
    unfold(gallery_with_scripts, "A secret from a word list")
    expect(attack(gallery_with_scripts, "A secret from a word list").locator(".attack-stamp")).to_be_hidden()


def test_the_keyboard_is_enough(gallery_with_scripts: Page) -> None:
    keyboard, one = gallery_with_scripts.keyboard, attack(gallery_with_scripts, "A better role")
    one.locator("summary").focus()
    keyboard.press("Enter")
    button = one.get_by_role("button", name="Try this attack")
    expect(button).to_be_visible()
    keyboard.press("Tab")  # to the source of the attack
    keyboard.press("Tab")
    expect(button).to_be_focused()
    keyboard.press("Enter")
    expect(one.locator(".attack-headline")).to_have_text("Refused")
    expect(one.get_by_role("button", name="Try again")).to_be_focused()


def with_id_on_details(route: Route) -> None:
    """Send the page with the id of an attack on its `details` element, which no browser opens by itself."""
    before, _, after = route.fetch().text().partition(' id="x5c"')
    start, _, end = before.rpartition("<details")
    route.fulfill(body=f'{start}<details id="x5c"{end}{after}', content_type="text/html")


def test_the_script_opens_the_attack_where_the_browser_does_not(gallery_with_scripts: Page) -> None:
    page, reason = gallery_with_scripts, attack(gallery_with_scripts, "A self-signed certificate").get_by_text("Why it")
    page.route("**/lab/attacks", with_id_on_details)
    page.goto("/lab")
    page.goto("/lab/attacks#x5c")
    expect(reason).to_be_visible()
    unfold(page, "A self-signed certificate")
    expect(reason).to_be_hidden()
    page.evaluate("location.hash = ''; location.hash = 'x5c'")
    expect(reason).to_be_visible()


def test_while_all_run_again_the_expected_outcomes_are_shown(gallery_with_scripts: Page) -> None:
    press(gallery_with_scripts, "An empty secret")
    expect(verdict(gallery_with_scripts, "An empty secret")).to_have_text("Refused")
    waiting_routes = []
    gallery_with_scripts.route("**/lab/attacks/*", lambda route: route.fulfill(json=REFUSED))
    gallery_with_scripts.route(f"**/lab/attacks/{ATTACKS[0].name}", lambda route: waiting_routes.append(route))
    gallery_with_scripts.get_by_role("button", name="Try all attacks").click()
    expect(verdict(gallery_with_scripts, "An empty secret")).to_have_text("Expected: refused")
    waiting_routes[0].fulfill(json=REFUSED)
    expect(gallery_with_scripts.locator(".score-counts")).to_have_text("28 of 28 tried, 28 refused, 0 let in")
    expect(verdict(gallery_with_scripts, "An empty secret")).to_have_text("Refused")


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
