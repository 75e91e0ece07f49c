"""The lab in a browser: encode, decode, break and mend, with and without JavaScript, and with the keyboard alone."""

import re
from collections.abc import Callable, Iterator

import jwt
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from pytest_playwright.pytest_playwright import CreateContextCallback

from tests.helpers.server import Server
from tests.integration.browser.conftest import Visit, put_cookie
from tests.integration.browser.test_keyboard import tab_to

VALID = "Token is valid"
BROKEN = "Token is invalid --> Signature verification failed"
KEY = "a-demonstration-key-of-32-bytes."
JWT = re.compile(r"^ey[\w-]+\.ey[\w-]+\.[\w-]+$")

Press = Callable[[str], None]


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def lab(request: pytest.FixtureRequest, visit: Visit, bob: str) -> Page:
    """Bob's lab as it is found."""
    return opened(visit(bob, java_script_enabled=request.param))


@pytest.fixture
def live(visit: Visit, bob: str) -> Page:
    """Bob's lab, with JavaScript."""
    return opened(visit(bob))


def opened(page: Page) -> Page:
    page.goto("/lab")
    expect(verdict(page)).to_have_text(VALID)
    return page


def verdict(page: Page) -> Locator:
    return page.get_by_role("region", name="Verdict").locator(".verdict-message")


def token(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Token", exact=True)


def key(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Key", exact=True)


def payload(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Payload as JSON")


def shown(page: Page) -> Locator:
    """The encoded token in its colours."""
    return page.locator(".token")


def marks(page: Page) -> Locator:
    """What is marked as changed in the encoded token."""
    return shown(page).locator("mark")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_token_is_made(lab: Page) -> None:
    before = token(lab).input_value()
    payload(lab).fill('{"sender": "charlie"}')
    lab.get_by_label("Expires (exp)").select_option("None")
    press(lab, "Sign the token")
    expect(verdict(lab)).to_have_text(VALID)
    expect(token(lab)).not_to_have_value(before)
    expect(marks(lab)).to_have_count(0)
    made = token(lab).input_value()
    expect(shown(lab)).to_have_text(made)
    assert jwt.decode(made, KEY, ["HS256"]) == {"sender": "charlie"}


def test_a_key_pair_is_made_in_a_click(lab: Page) -> None:
    lab.get_by_label("Algorithm").select_option("ES256")
    lab.wait_for_timeout(1_000)  # a person gets one in a second, and the test before may have made one for bob
    press(lab, "Generate a key")
    expect(verdict(lab)).to_have_text(VALID)
    expect(key(lab)).to_have_value(re.compile("^-----BEGIN PRIVATE KEY-----"))
    expect(lab.get_by_role("textbox", name="Header as JSON")).to_have_value(re.compile('"ES256"'))
    lab.get_by_text("Public key", exact=True).click()
    public = lab.get_by_label("Public key in PEM format").text_content() or ""
    assert jwt.decode(token(lab).input_value(), public, ["ES256"])["sender"] == "alice"


def test_a_pasted_token_is_read(lab: Page) -> None:
    secret = "another secret of 32 bytes or more"
    pasted = jwt.encode({"sub": "bob", "exp": 1_000_000_000}, secret, "HS256")
    token(lab).fill(pasted)
    press(lab, "Decode this token")
    expect(verdict(lab)).to_have_text(BROKEN)
    expect(payload(lab)).to_have_value(re.compile('"sub": "bob"'))
    expect(marks(lab)).to_have_count(0)
    key(lab).fill(secret)
    press(lab, "Verify the token")
    expect(verdict(lab)).to_have_text("Token is invalid --> Signature has expired")
    expect(lab.locator(".token-blamed")).to_have_text(pasted.split(".")[1])
    expect(lab.get_by_role("region", name="Payload")).to_contain_text(re.compile("exp.*(ago|2001)", re.DOTALL))


def test_one_character_is_changed_and_put_back(lab: Page) -> None:
    before = token(lab).input_value()
    lab.get_by_label("Character number").fill("50")
    press(lab, "Change character")
    expect(verdict(lab)).to_have_text(BROKEN)
    expect(marks(lab)).to_have_count(1)
    expect(lab.get_by_role("region", name="Verdict")).to_contain_text("Character 50")
    after = token(lab).input_value()
    assert [place for place, pair in enumerate(zip(before, after, strict=True), 1) if len(set(pair)) == 2] == [50]
    press(lab, "Restore the token")
    expect(verdict(lab)).to_have_text(VALID)
    expect(token(lab)).to_have_value(before)


def test_the_first_change_that_is_offered_shows_in_a_claim(lab: Page) -> None:
    press(lab, "Change character")
    expect(verdict(lab)).to_have_text(BROKEN)
    expect(lab.get_by_role("region", name="Verdict")).to_contain_text('"anice"')
    expect(lab.get_by_role("region", name="Payload")).to_contain_text('was "alice"')


def test_a_claim_is_edited_under_the_old_signature_and_signed_anew(lab: Page) -> None:
    signature = token(lab).input_value().split(".")[2]
    payload(lab).fill(payload(lab).input_value().replace("alice", "mallory"))
    press(lab, "Keep the old signature")
    expect(verdict(lab)).to_have_text(BROKEN)
    expect(lab.get_by_role("region", name="Payload")).to_contain_text('was "alice"')
    assert token(lab).input_value().endswith(f".{signature}")
    press(lab, "Sign the token")
    expect(verdict(lab)).to_have_text(VALID)
    assert jwt.decode(token(lab).input_value(), KEY, ["HS256"])["sender"] == "mallory"


def test_a_key_that_does_not_fit_is_said_at_its_field(lab: Page) -> None:
    lab.get_by_label("Algorithm").select_option("RS256")
    press(lab, "Verify the token")
    expect(verdict(lab)).to_have_text("Not checked")
    expect(key(lab)).to_have_attribute("aria-invalid", "true")
    expect(lab.locator("#key-error")).not_to_be_empty()
    lab.get_by_label("Algorithm").select_option("HS256")
    press(lab, "Verify the token")
    expect(verdict(lab)).to_have_text(VALID)
    expect(key(lab)).not_to_have_attribute("aria-invalid", "true")


def test_nothing_that_is_typed_is_in_an_address(lab: Page) -> None:
    asked_for: list[str] = []
    lab.on("request", lambda request: asked_for.append(request.url))
    press(lab, "Change character")
    expect(verdict(lab)).to_have_text(BROKEN)
    assert {url.partition("?")[2] for url in [*asked_for, lab.url]} == {""}
    assert any(url.endswith("/lab") for url in asked_for)


def test_what_is_typed_is_not_kept_by_the_browser(lab: Page) -> None:
    for field in (key(lab), token(lab), payload(lab)):
        expect(field).to_have_attribute("autocomplete", "off")
        expect(field).to_have_attribute("spellcheck", "false")


def test_a_click_on_a_character_changes_it_and_a_second_one_puts_it_back(live: Page) -> None:
    before = token(live).input_value()
    place = before.index(".") + 31  # the thirtieth of the payload, counted from 1
    left, top = live.locator(".token .payload-part").evaluate(
        """(part) => {
            const range = document.createRange();
            range.setStart(part.firstChild, 29);
            range.setEnd(part.firstChild, 30);
            const { left, top, width, height } = range.getBoundingClientRect();
            return [left + width / 2, top + height / 2];
        }"""
    )
    live.mouse.click(left, top)
    expect(verdict(live)).to_have_text(BROKEN)
    expect(live.get_by_label("Character number")).to_have_value(str(place))
    marks(live).click()
    expect(verdict(live)).to_have_text(VALID)
    expect(token(live)).to_have_value(before)


def test_the_verdict_follows_while_a_claim_is_typed_and_the_caret_stays(live: Page) -> None:
    payload(live).click()
    expect(payload(live)).to_be_focused()
    payload(live).evaluate("field => field.setSelectionRange(15, 15)")
    live.keyboard.type("xyz", delay=30)
    expect(verdict(live)).to_have_text(BROKEN)
    expect(payload(live)).to_be_focused()
    assert payload(live).evaluate("field => [field.selectionStart, field.selectionEnd]") == [18, 18]
    live.keyboard.press("Backspace")
    live.keyboard.press("Backspace")
    live.keyboard.press("Backspace")
    expect(verdict(live)).to_have_text(VALID)
    assert payload(live).evaluate("field => field.selectionStart") == 15


def test_the_spelling_of_what_is_being_typed_is_left_alone(live: Page) -> None:
    payload(live).fill('{"sender":   "bob"}')
    expect(verdict(live)).to_have_text(BROKEN)
    expect(payload(live)).to_have_value('{"sender":   "bob"}')


def test_the_verdict_follows_while_the_key_is_typed(live: Page) -> None:
    key(live).click()
    live.keyboard.press("End")
    live.keyboard.type("!")
    expect(verdict(live)).to_have_text(BROKEN)
    live.keyboard.press("Backspace")
    expect(verdict(live)).to_have_text(VALID)


def test_a_json_that_is_not_finished_is_left_to_be_finished(live: Page) -> None:
    payload(live).fill('{"sender": "bo')
    expect(live.locator("#claims-error")).not_to_be_empty()
    expect(payload(live)).to_have_value('{"sender": "bo')
    payload(live).fill('{"sender": "bob"}')
    expect(live.locator("#claims-error")).to_be_empty()
    expect(verdict(live)).to_have_text(BROKEN)


def test_the_verdict_is_announced(live: Page) -> None:
    status = live.locator("[data-announces]")
    expect(status).to_have_role("status")
    expect(status).to_be_empty()
    press(live, "Change character")
    expect(status).to_have_text(BROKEN)


def pause(page: Page) -> None:
    """Wait for longer than the script does before it sends what is typed."""
    page.wait_for_timeout(500)


@pytest.fixture
def held(live: Page) -> Iterator[list[Route]]:
    """What the lab has asked the server for; each waits until the test lets it go on."""
    held: list[Route] = []
    live.route("**/lab", lambda route: held.append(route))
    yield held
    live.unroute("**/lab")


def wait_for(held: list[Route], number: int, page: Page) -> str:
    """Wait until so many were asked for; returns what the last one sends."""
    for _ in range(200):
        if len(held) >= number:
            break
        page.wait_for_timeout(50)
    assert len(held) == number
    return held[-1].request.post_data or ""


def test_no_more_than_one_request_is_under_way(live: Page, held: list[Route]) -> None:
    key(live).fill("a")
    wait_for(held, 1, live)
    for text in ("b", "c"):
        key(live).fill(text)
        pause(live)
    wait_for(held, 1, live)
    held[0].continue_()
    assert "key=c" in wait_for(held, 2, live)
    held[1].continue_()
    expect(verdict(live)).to_have_text(BROKEN)


def test_a_button_that_was_pressed_is_not_forgotten_while_more_is_typed(live: Page, held: list[Route]) -> None:
    key(live).fill(KEY[::-1])
    wait_for(held, 1, live)
    press(live, "Sign the token")
    payload(live).fill('{"sender":  "mallory"}')
    pause(live)
    held[0].continue_()
    assert "act=sign" in wait_for(held, 2, live)
    held[1].continue_()
    expect(verdict(live)).to_have_text(VALID)
    expect(payload(live)).to_have_value('{"sender":  "mallory"}')  # who still writes there finds it as it was
    assert jwt.decode(token(live).input_value(), KEY[::-1], ["HS256"])["sender"] == "mallory"


def too_fast(route: Route) -> None:
    whole_page = route.fetch(headers=route.request.headers | {"sec-fetch-site": "same-origin"})
    assert whole_page.ok
    route.fulfill(response=whole_page, status=429)


def not_html(route: Route) -> None:
    route.fulfill(status=200, content_type="application/json", body="{}")


def signed_out(route: Route) -> None:
    route.fulfill(status=401, content_type="application/problem+json", body="{}")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (too_fast, "That was too fast."),
        (not_html, "The server did not respond."),
        (signed_out, "You are signed out."),
    ],
)
def test_an_answer_that_is_of_no_use_leaves_the_page_as_it_is(
    live: Page, answer: Callable[[Route], None], message: str
) -> None:
    live.route("**/lab", answer)
    key(live).fill("another key")
    trouble = live.get_by_role("status").filter(has_text=message)
    expect(trouble).to_be_visible()
    expect(key(live)).to_have_value("another key")
    expect(verdict(live)).to_have_text(VALID)
    live.unroute("**/lab")
    press(live, "Verify the token")
    expect(trouble).to_be_hidden()
    expect(verdict(live)).to_have_text(BROKEN)


def busy(page: Page) -> None:
    page.route("**/lab", lambda route: route.fulfill(status=503, headers={"Retry-After": "10"}, body=""))


def offline(page: Page) -> None:
    page.context.set_offline(True)


@pytest.mark.parametrize(
    ("happens", "message"), [(busy, "The server is busy."), (offline, "The server did not respond.")]
)
def test_a_server_that_does_not_answer_leaves_the_page_as_it_is(
    new_context: CreateContextCallback, server: Server, bob: str, happens: Callable[[Page], None], message: str
) -> None:
    context = new_context(base_url=server.url)  # the console is told of it, which `visit` takes for a mistake
    put_cookie(context, server.url, bob)
    page = opened(context.new_page())
    happens(page)
    payload(page).fill('{"sender": "bob"}')
    expect(page.get_by_role("status").filter(has_text=message)).to_be_visible()
    expect(payload(page)).to_have_value('{"sender": "bob"}')
    expect(verdict(page)).to_have_text(VALID)


def test_the_lines_of_python_can_be_copied_and_so_can_the_next_ones(live: Page) -> None:
    live.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy = live.get_by_role("button", name="Copy the code: Verify the token")
    for change in ("", "Change character"):
        if change:
            press(live, change)
            expect(verdict(live)).to_have_text(BROKEN)
        copy.click()
        expect(live.locator("#programs").get_by_role("status").filter(has_text="Copied")).to_be_visible()
        copied = live.evaluate("navigator.clipboard.readText()")
        assert token(live).input_value() in copied
        assert "jwt.decode(" in copied


def test_the_times_of_new_claims_are_the_visitors_own(visit: Visit, bob: str) -> None:
    page = opened(visit(bob, timezone_id="Asia/Tokyo"))
    payload(page).fill('{"exp": 1000000000}')
    expect(page.locator("#payload-meanings time")).to_have_text("Sun 9 Sep 2001, 10:46:40")


def test_the_lab_with_the_keyboard_alone(lab: Page) -> None:
    tab_to(lab, key(lab))
    lab.keyboard.press("End")
    lab.keyboard.type("!")
    tab_to(lab, lab.get_by_role("button", name="Verify the token", exact=True))
    lab.keyboard.press("Enter")
    expect(verdict(lab)).to_have_text(BROKEN)
    tab_to(lab, lab.get_by_role("button", name="Sign the token"), most=30)  # without the script the page is loaded anew
    lab.keyboard.press("Enter")
    expect(verdict(lab)).to_have_text(VALID)
    expect(token(lab)).to_have_value(JWT)


def test_enter_after_a_number_changes_that_character(lab: Page) -> None:
    lab.get_by_label("Character number").fill("50")
    lab.get_by_label("Character number").press("Enter")
    expect(lab.get_by_role("region", name="Verdict")).to_contain_text("Character 50")


def test_enter_after_a_number_leaves_the_caret_there(live: Page) -> None:
    live.get_by_label("Character number").fill("50")
    live.get_by_label("Character number").press("Enter")
    expect(live.get_by_role("region", name="Verdict")).to_contain_text("Character 50")
    expect(live.get_by_label("Character number")).to_be_focused()
