"""The lab in a browser, with and without JavaScript, and by keyboard."""

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
    """Bob's lab as it opens."""
    return opened(visit(bob, java_script_enabled=request.param))


@pytest.fixture
def live_lab(visit: Visit, bob: str) -> Page:
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


def encoded_token(page: Page) -> Locator:
    """The encoded token in its colors."""
    return page.locator(".token")


def marks(page: Page) -> Locator:
    """The characters marked as changed in the encoded token."""
    return encoded_token(page).locator("mark")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def wait_for_next_key(page: Page) -> None:
    """Each account gets one key per second, and the previous test may have generated one for bob."""
    page.wait_for_timeout(1_100)


def has_scripts(page: Page) -> bool:
    """Whether the page runs scripts, which reveal the hint about clicks."""
    return page.locator("[data-clickable]").is_visible()


def test_a_token_is_signed(lab: Page) -> None:
    before = token(lab).input_value()
    payload(lab).fill('{"sender": "charlie"}')
    lab.get_by_label("Expires (exp)").select_option("None")
    press(lab, "Sign the token")
    expect(verdict(lab)).to_have_text(VALID)
    expect(token(lab)).not_to_have_value(before)
    expect(marks(lab)).to_have_count(0)
    signed = token(lab).input_value()
    expect(encoded_token(lab)).to_have_text(signed)
    assert jwt.decode(signed, KEY, ["HS256"]) == {"sender": "charlie"}


def test_a_key_pair_is_generated_with_one_click(lab: Page) -> None:
    wait_for_next_key(lab)
    lab.get_by_label("Algorithm").select_option("ES256")
    if has_scripts(lab):
        expect(verdict(lab)).to_have_text(VALID)
        expect(key(lab)).to_have_value(re.compile("^-----BEGIN PRIVATE KEY-----"))
        wait_for_next_key(lab)
    press(lab, "Generate a key")
    expect(verdict(lab)).to_have_text(VALID)
    expect(key(lab)).to_have_value(re.compile("^-----BEGIN PRIVATE KEY-----"))
    expect(lab.get_by_role("textbox", name="Header as JSON")).to_have_value(re.compile('"ES256"'))
    lab.get_by_text("Public key", exact=True).click()
    public = lab.get_by_label("Public key in PEM format").text_content() or ""
    assert jwt.decode(token(lab).input_value(), public, ["ES256"])["sender"] == "alice"


def test_a_pasted_token_is_decoded(lab: Page) -> None:
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
    assert [position for position, pair in enumerate(zip(before, after, strict=True), 1) if len(set(pair)) == 2] == [50]
    press(lab, "Restore the token")
    expect(verdict(lab)).to_have_text(VALID)
    expect(token(lab)).to_have_value(before)


def test_the_first_change_that_is_offered_shows_in_a_claim(lab: Page) -> None:
    press(lab, "Change character")
    expect(verdict(lab)).to_have_text(BROKEN)
    expect(lab.get_by_role("region", name="Verdict")).to_contain_text('"anice"')
    expect(lab.get_by_role("region", name="Payload")).to_contain_text('was "alice"')


def test_a_claim_is_edited_under_the_old_signature_and_signed_again(lab: Page) -> None:
    signature = token(lab).input_value().split(".")[2]
    payload(lab).fill(payload(lab).input_value().replace("alice", "mallory"))
    press(lab, "Keep the old signature")
    expect(verdict(lab)).to_have_text(BROKEN)
    expect(lab.get_by_role("region", name="Payload")).to_contain_text('was "alice"')
    assert token(lab).input_value().endswith(f".{signature}")
    press(lab, "Sign the token")
    expect(verdict(lab)).to_have_text(VALID)
    assert jwt.decode(token(lab).input_value(), KEY, ["HS256"])["sender"] == "mallory"


def test_an_entered_key_of_the_wrong_type_is_reported_at_its_field_with_a_way_out(lab: Page) -> None:
    key(lab).fill("my own secret of more than 32 bytes")
    lab.get_by_label("Algorithm").select_option("RS256")
    press(lab, "Verify the token")
    expect(verdict(lab)).to_have_text("Not checked")
    expect(key(lab)).to_have_attribute("aria-invalid", "true")
    expect(key(lab)).to_have_value("my own secret of more than 32 bytes")
    expect(lab.locator("#key-error")).to_contain_text("needs an RSA key")
    wait_for_next_key(lab)
    press(lab, "Make a fitting key and sign")
    expect(verdict(lab)).to_have_text(VALID)
    expect(key(lab)).not_to_have_attribute("aria-invalid", "true")


def test_rs256_from_the_start(lab: Page) -> None:
    """Choosing the algorithm is enough with scripts, and needs the one primary button without them."""
    wait_for_next_key(lab)
    lab.get_by_label("Algorithm").select_option("RS256")
    if not has_scripts(lab):
        lab.locator(".button--primary").click()
    expect(key(lab)).to_have_value(re.compile("^-----BEGIN PRIVATE KEY-----"))
    expect(verdict(lab)).to_have_text(VALID)
    expect(lab.get_by_role("textbox", name="Header as JSON")).to_have_value(re.compile('"RS256"'))
    expect(lab.locator("#key-notes")).to_contain_text("The lab made a new key for RS256")
    expect(lab.locator(".button--primary")).to_have_count(1)


def test_nothing_that_is_typed_appears_in_a_url(lab: Page) -> None:
    requested: list[str] = []
    lab.on("request", lambda request: requested.append(request.url))
    press(lab, "Change character")
    expect(verdict(lab)).to_have_text(BROKEN)
    queries = {url.partition("?")[2] for url in [*requested, lab.url]}
    assert [query for query in queries if not re.fullmatch("(v=[0-9a-f]{16})?", query)] == []  # v: of static files
    assert any(url.endswith("/lab") for url in requested)


def test_the_browser_does_not_store_what_is_typed(lab: Page) -> None:
    for field in (key(lab), token(lab), payload(lab)):
        expect(field).to_have_attribute("autocomplete", "off")
        expect(field).to_have_attribute("spellcheck", "false")


def test_a_click_on_a_character_changes_it_and_a_second_one_puts_it_back(live_lab: Page) -> None:
    before = token(live_lab).input_value()
    position = before.index(".") + 31  # the thirtieth of the payload, counted from 1
    encoded_token(live_lab).scroll_into_view_if_needed()
    left, top = live_lab.locator(".token .payload-part").evaluate(
        """(part) => {
            const range = document.createRange();
            range.setStart(part.firstChild, 29);
            range.setEnd(part.firstChild, 30);
            const { left, top, width, height } = range.getBoundingClientRect();
            return [left + width / 2, top + height / 2];
        }"""
    )
    live_lab.mouse.click(left, top)
    expect(verdict(live_lab)).to_have_text(BROKEN)
    expect(live_lab.get_by_label("Character number")).to_have_value(str(position))
    marks(live_lab).click()
    expect(verdict(live_lab)).to_have_text(VALID)
    expect(token(live_lab)).to_have_value(before)


def test_the_verdict_follows_while_a_claim_is_typed_and_the_caret_stays(live_lab: Page) -> None:
    payload(live_lab).click()
    expect(payload(live_lab)).to_be_focused()
    payload(live_lab).evaluate("field => field.setSelectionRange(15, 15)")
    live_lab.keyboard.type("xyz", delay=30)
    expect(verdict(live_lab)).to_have_text(BROKEN)
    expect(payload(live_lab)).to_be_focused()
    assert payload(live_lab).evaluate("field => [field.selectionStart, field.selectionEnd]") == [18, 18]
    live_lab.keyboard.press("Backspace")
    live_lab.keyboard.press("Backspace")
    live_lab.keyboard.press("Backspace")
    expect(verdict(live_lab)).to_have_text(VALID)
    assert payload(live_lab).evaluate("field => field.selectionStart") == 15


def test_text_is_not_reformatted_while_it_is_typed(live_lab: Page) -> None:
    payload(live_lab).fill('{"sender":   "bob"}')
    expect(verdict(live_lab)).to_have_text(BROKEN)
    expect(payload(live_lab)).to_have_value('{"sender":   "bob"}')


def test_the_verdict_follows_while_the_key_is_typed(live_lab: Page) -> None:
    key(live_lab).click()
    live_lab.keyboard.press("End")
    live_lab.keyboard.type("!")
    expect(verdict(live_lab)).to_have_text(BROKEN)
    live_lab.keyboard.press("Backspace")
    expect(verdict(live_lab)).to_have_text(VALID)


def test_unfinished_json_is_left_unchanged(live_lab: Page) -> None:
    payload(live_lab).fill('{"sender": "bo')
    expect(live_lab.locator("#claims-error")).not_to_be_empty()
    expect(payload(live_lab)).to_have_value('{"sender": "bo')
    payload(live_lab).fill('{"sender": "bob"}')
    expect(live_lab.locator("#claims-error")).to_be_empty()
    expect(verdict(live_lab)).to_have_text(BROKEN)


def test_the_verdict_is_announced(live_lab: Page) -> None:
    status = live_lab.locator("[data-announces]")
    expect(status).to_have_role("status")
    expect(status).to_be_empty()
    press(live_lab, "Change character")
    expect(status).to_have_text(BROKEN)


def pause(page: Page) -> None:
    """Wait longer than the script waits before it sends what is typed."""
    page.wait_for_timeout(500)


@pytest.fixture
def held(live_lab: Page) -> Iterator[list[Route]]:
    """The requests of the lab, each of which waits until the test continues it."""
    held: list[Route] = []
    live_lab.route("**/lab", lambda route: held.append(route))
    yield held
    live_lab.unroute("**/lab")


def wait_for(held: list[Route], number: int, page: Page) -> str:
    """Wait for this many requests; returns the body of the last one."""
    for _ in range(200):
        if len(held) >= number:
            break
        page.wait_for_timeout(50)
    assert len(held) == number
    return held[-1].request.post_data or ""


def test_at_most_one_request_is_in_progress(live_lab: Page, held: list[Route]) -> None:
    key(live_lab).fill("a")
    wait_for(held, 1, live_lab)
    for text in ("b", "c"):
        key(live_lab).fill(text)
        pause(live_lab)
    wait_for(held, 1, live_lab)
    held[0].continue_()
    assert "key=c" in wait_for(held, 2, live_lab)
    held[1].continue_()
    expect(verdict(live_lab)).to_have_text(BROKEN)


def test_a_pressed_button_takes_effect_while_more_is_typed(live_lab: Page, held: list[Route]) -> None:
    key(live_lab).fill(KEY[::-1])
    wait_for(held, 1, live_lab)
    press(live_lab, "Sign the token")
    payload(live_lab).fill('{"sender":  "mallory"}')
    pause(live_lab)
    held[0].continue_()
    assert "act=sign" in wait_for(held, 2, live_lab)
    held[1].continue_()
    expect(verdict(live_lab)).to_have_text(VALID)
    expect(payload(live_lab)).to_have_value('{"sender":  "mallory"}')  # the text being typed is unchanged
    assert jwt.decode(token(live_lab).input_value(), KEY[::-1], ["HS256"])["sender"] == "mallory"


def too_fast(route: Route) -> None:
    whole_page = route.fetch(headers=route.request.headers | {"sec-fetch-site": "same-origin"})
    assert whole_page.ok
    route.fulfill(response=whole_page, status=429)


def not_html(route: Route) -> None:
    route.fulfill(status=200, content_type="application/json", body="{}")


def signed_out(route: Route) -> None:
    route.fulfill(status=401, content_type="application/problem+json", body="{}")


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (too_fast, "That was too fast."),
        (not_html, "The server did not respond."),
        (signed_out, "You are signed out."),
    ],
)
def test_an_unusable_response_leaves_the_page_unchanged(
    live_lab: Page, response: Callable[[Route], None], message: str
) -> None:
    live_lab.route("**/lab", response)
    key(live_lab).fill("another key")
    message_box = live_lab.get_by_role("status").filter(has_text=message)
    expect(message_box).to_be_visible()
    expect(key(live_lab)).to_have_value("another key")
    expect(verdict(live_lab)).to_have_text(VALID)
    live_lab.unroute("**/lab")
    press(live_lab, "Verify the token")
    expect(message_box).to_be_hidden()
    expect(verdict(live_lab)).to_have_text(BROKEN)


def busy(page: Page) -> None:
    page.route("**/lab", lambda route: route.fulfill(status=503, headers={"Retry-After": "10"}, body=""))


def offline(page: Page) -> None:
    page.context.set_offline(True)


@pytest.mark.parametrize(
    ("fault", "message"), [(busy, "The server is busy."), (offline, "The server did not respond.")]
)
def test_a_server_that_does_not_respond_leaves_the_page_unchanged(
    new_context: CreateContextCallback, server: Server, bob: str, fault: Callable[[Page], None], message: str
) -> None:
    context = new_context(base_url=server.url)  # without `visit`, which would report the console message
    put_cookie(context, server.url, bob)
    page = opened(context.new_page())
    fault(page)
    payload(page).fill('{"sender": "bob"}')
    expect(page.get_by_role("status").filter(has_text=message)).to_be_visible()
    expect(payload(page)).to_have_value('{"sender": "bob"}')
    expect(verdict(page)).to_have_text(VALID)


def test_the_python_code_can_be_copied_and_stays_current(live_lab: Page) -> None:
    live_lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy = live_lab.get_by_role("button", name="Copy the code: Verify the token")
    for change in ("", "Change character"):
        if change:
            press(live_lab, change)
            expect(verdict(live_lab)).to_have_text(BROKEN)
        copy.click()
        expect(live_lab.locator("#programs").get_by_role("status").filter(has_text="Copied")).to_be_visible()
        copied = live_lab.evaluate("navigator.clipboard.readText()")
        assert token(live_lab).input_value() in copied
        assert "jwt.decode(" in copied


def test_the_times_of_new_claims_are_in_the_visitors_time_zone(visit: Visit, bob: str) -> None:
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
    tab_to(lab, lab.get_by_role("button", name="Sign the token"), max_tabs=30)  # without scripts the page has reloaded
    lab.keyboard.press("Enter")
    expect(verdict(lab)).to_have_text(VALID)
    expect(token(lab)).to_have_value(JWT)


def test_enter_after_a_number_changes_that_character(lab: Page) -> None:
    lab.get_by_label("Character number").fill("50")
    lab.get_by_label("Character number").press("Enter")
    expect(lab.get_by_role("region", name="Verdict")).to_contain_text("Character 50")


def test_enter_after_a_number_leaves_the_caret_there(live_lab: Page) -> None:
    live_lab.get_by_label("Character number").fill("50")
    live_lab.get_by_label("Character number").press("Enter")
    expect(live_lab.get_by_role("region", name="Verdict")).to_contain_text("Character 50")
    expect(live_lab.get_by_label("Character number")).to_be_focused()
