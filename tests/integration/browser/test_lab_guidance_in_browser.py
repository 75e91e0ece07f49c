"""The lab leads on, in a browser: first steps, the running clock, pasting, and links to its state."""

import json
import re
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from playwright.sync_api import Locator, Page, expect

from daypass.tokens.base64url import decode_base64url
from tests.integration.browser.conftest import Serve, Visit
from tests.integration.browser.test_lab_in_browser import (
    BROKEN,
    KEY,
    VALID,
    has_scripts,
    key,
    lab,
    live_lab,
    opened,
    payload,
    press,
    token,
    verdict,
    wait_for_next_key,
)

__all__ = ["lab", "live_lab"]

EXPIRED = "Token is invalid --> Signature has expired"
FOREIGN = "The address has a part after “#” that the lab did not make. It was ignored."


def finished(page: Page) -> Locator:
    """The steps that are ticked off."""
    return page.locator(".first-step--done h3")


def test_the_first_steps(lab: Page) -> None:
    expect(finished(lab)).to_have_count(0)
    payload(lab).fill('{"sender": "bob"}')
    press(lab, "Sign the token")
    expect(verdict(lab)).to_have_text(VALID)
    expect(lab.locator('[data-step="create"]')).to_have_class(re.compile("first-step--done"))
    press(lab, "Decode this token")
    expect(lab.locator('[data-step="read"]')).to_have_class(re.compile("first-step--done"))
    press(lab, "Change character")
    expect(verdict(lab)).to_have_text(BROKEN)
    expect(lab.locator('[data-step="break"]')).to_have_class(re.compile("first-step--done"))
    press(lab, "Restore the token")
    expect(verdict(lab)).to_have_text(VALID)
    lab.get_by_label("Expires (exp)").select_option("An hour ago")
    press(lab, "Sign the token")
    expect(verdict(lab)).to_have_text(EXPIRED)
    expect(lab.locator('[data-step="expire"]')).to_have_class(re.compile("first-step--done"))
    wait_for_next_key(lab)
    lab.get_by_label("Expires (exp)").select_option("In one day")
    lab.get_by_label("Algorithm").select_option("RS256")
    press(lab, "Sign the token")
    expect(verdict(lab)).to_have_text(VALID)
    expect(finished(lab)).to_have_count(5)
    expect(finished(lab).first).to_have_text("Create a token, done")
    lab.get_by_text("All done. Next:").get_by_role("link", name="the attack gallery").click()
    expect(lab.get_by_role("heading", level=1)).to_have_text("Attack gallery")


def test_the_verdict_tears_when_the_time_comes(live_lab: Page) -> None:
    payload(live_lab).fill(json.dumps({"exp": int(time.time()) + 5}))
    live_lab.get_by_label("Expires (exp)").select_option("As in the payload")
    press(live_lab, "Sign the token")
    expect(verdict(live_lab)).to_have_text(VALID)
    expect(live_lab.locator(".verdict-stub")).to_have_text(re.compile(r"Expires in \d seconds?"))
    expect(verdict(live_lab)).to_have_text(EXPIRED)
    expect(live_lab.locator(".verdict--tears")).to_be_visible()
    expect(live_lab.locator(".verdict-stub")).to_have_text(re.compile(r"Expired (now|\d seconds? ago)"))


def test_the_clock_is_set_and_runs(live_lab: Page) -> None:
    live_lab.get_by_label("Set the clock (UTC)").fill("2040-01-01 00:00:00")
    expect(verdict(live_lab)).to_have_text(EXPIRED)
    now = live_lab.locator("[data-clock-now]")
    expect(now).to_have_text(re.compile("Sun 1 Jan 2040, 00:00:0[1-9]"))
    press(live_lab, "Use the real time")
    expect(verdict(live_lab)).to_have_text(VALID)
    expect(now).not_to_have_text(re.compile("2040"))


def test_a_set_clock_stays_set_without_scripts(visit: Visit, bob: str) -> None:
    page = opened(visit(bob, java_script_enabled=False))
    page.get_by_label("Set the clock (UTC)").fill("2040-01-01 00:00:00")
    press(page, "Set the clock")
    expect(verdict(page)).to_have_text(EXPIRED)
    press(page, "Verify the token")
    expect(verdict(page)).to_have_text(EXPIRED)
    press(page, "Sign the token")
    expect(verdict(page)).to_have_text(VALID)


def paste(field: Locator, text: str) -> None:
    """Paste a text over the content of a field, as with the keyboard."""
    field.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    field.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    field.select_text()
    field.press("ControlOrMeta+v")


def test_a_pasted_curl_command_becomes_its_token(live_lab: Page) -> None:
    pasted = jwt.encode({"sub": "bob"}, KEY, "HS256")
    paste(token(live_lab), f"curl -H 'Authorization: Bearer {pasted}' https://www.example.org/")
    expect(token(live_lab)).to_have_value(pasted)
    expect(live_lab.locator("#token-source")).to_have_text("The token was taken from a curl command.")
    expect(verdict(live_lab)).to_have_text(VALID)


def test_a_pasted_megabyte_is_refused_in_words(live_lab: Page) -> None:
    live_lab.locator("#token").evaluate("field => { field.value = 'x'.repeat(1048576); }")
    press(live_lab, "Decode this token")
    expect(live_lab.get_by_role("status").filter(has_text="at most 64 KiB")).to_be_visible()
    expect(verdict(live_lab)).to_have_text(VALID)


def test_token_and_key_are_copied(live_lab: Page) -> None:
    live_lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name, field in (("Copy the token", token(live_lab)), ("Copy the key", key(live_lab))):
        press(live_lab, name)
        expect(live_lab.get_by_role("status").filter(has_text="Copied").last).to_be_visible()
        assert live_lab.evaluate("navigator.clipboard.readText()") == field.input_value()
        field.fill(field.input_value() + "x")  # what is typed is copied, not what was served
        press(live_lab, name)
        expect(live_lab.get_by_role("button", name=name)).to_be_visible()
        assert live_lab.evaluate("navigator.clipboard.readText()") == field.input_value()


def copied_link(page: Page) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Copy a link to this state")
    expect(page.locator("[data-links] [role=status]")).to_have_text("Copied")
    link: str = page.evaluate("navigator.clipboard.readText()")
    return link


def decoded(link: str) -> str:
    """The state in a link, as JSON."""
    return decode_base64url(link.partition("#lab=")[2]).decode()


def test_a_link_shows_the_state_without_the_key(live_lab: Page, visit: Visit, bob: str) -> None:
    secret = "a secret that never leaves this page"
    key(live_lab).fill(secret)
    press(live_lab, "Sign the token")
    press(live_lab, "Change character")
    expect(verdict(live_lab)).to_have_text(BROKEN)
    live_lab.get_by_label("Leeway").select_option("One minute")
    link = copied_link(live_lab)
    assert secret not in decoded(link)
    other = visit(bob)
    other.goto(link)
    expect(token(other)).to_have_value(token(live_lab).input_value())
    expect(key(other)).to_have_value("")
    expect(other.get_by_label("Leeway")).to_have_value("60")
    expect(other.locator("[data-linked]")).to_have_text(re.compile("came with the link, without its key"))
    expect(other.locator(".token mark")).to_have_count(1)
    key(other).fill(secret)
    expect(verdict(other)).to_have_text(BROKEN)


def test_a_link_to_a_token_of_the_example_key_is_verified(live_lab: Page, visit: Visit, bob: str) -> None:
    press(live_lab, "Change character")
    expect(verdict(live_lab)).to_have_text(BROKEN)
    other = visit(bob)
    other.goto(copied_link(live_lab))
    expect(verdict(other)).to_have_text(BROKEN)
    expect(other.locator("[data-linked]")).to_contain_text("example")


def fragment(state: Any) -> str:
    return "lab=" + urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


STATE = {name: "" for name in ("token", "original", "other")} | {
    "algorithm": "HS256",
    "offset": "0",
    "leeway": "0",
    "example": "true",
}


@pytest.mark.parametrize(
    "text",
    [
        "foreign",
        "lab=",
        "lab=!!!",
        "lab=AAAA",
        "access_token=eyJhbGciOiJub25lIn0.e30.",
        fragment([]),
        fragment(None),
        fragment(STATE | {"algorithm": "none"}),
        fragment(STATE | {"token": 5}),
        fragment(STATE | {"offset": "1e9"}),
        fragment(STATE | {"leeway": "31"}),
        fragment({"token": "<img src=x onerror=alert(1)>"}),
        "%3Cimg%20src=x%20onerror=alert(1)%3E",
    ],
)
def test_a_fragment_that_is_not_ours_is_ignored_with_a_sentence(visit: Visit, bob: str, text: str) -> None:
    page = visit(bob)
    page.goto(f"/lab#{text}")
    expect(page.locator("[data-linked]")).to_have_text(FOREIGN)
    expect(verdict(page)).to_have_text(VALID)
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("text", ["", "main", "first-steps"])
def test_a_fragment_of_the_page_needs_no_sentence(visit: Visit, bob: str, text: str) -> None:
    page = visit(bob)
    page.goto(f"/lab#{text}")
    expect(verdict(page)).to_have_text(VALID)
    expect(page.locator("[data-linked]")).to_be_hidden()


def test_hostile_text_in_a_link_is_shown_as_text(visit: Visit, bob: str) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    page = visit(bob)
    page.goto("/lab#" + fragment(STATE | {"token": hostile, "original": hostile, "other": hostile}))
    expect(token(page)).to_have_value(hostile)
    assert page.locator("img").count() == 0


def test_two_tokens_are_compared(lab: Page) -> None:
    lab.get_by_label("The other token").fill(jwt.encode({"sender": "mallory"}, KEY, "HS256"))
    press(lab, "Compare the two")
    row = lab.get_by_role("row", name=re.compile("^sender"))
    expect(row).to_contain_text("differs")
    expect(row).to_contain_text('"mallory"')


def test_algorithms_chosen_in_quick_succession_all_get_their_key(live_lab: Page) -> None:
    """One key is made per second; the script waits for the next one instead of reporting an error."""
    for algorithm in ("ES256", "ES384"):
        live_lab.get_by_label("Algorithm").select_option(algorithm)
        expect(live_lab.get_by_role("textbox", name="Header as JSON")).to_have_value(re.compile(algorithm))
        expect(verdict(live_lab)).to_have_text(VALID)
    expect(live_lab.locator("[data-error]")).to_be_hidden()


def test_an_open_lab_without_an_account(serve: Serve, visit: Visit) -> None:
    page = visit(url=serve(DAYPASS_LAB="open").url)
    page.goto("/lab")
    expect(verdict(page)).to_have_text(VALID)
    assert has_scripts(page)
    page.get_by_label("Algorithm").select_option("RS256")
    expect(key(page)).to_have_value(re.compile("^-----BEGIN PRIVATE KEY-----"))
    expect(page.get_by_role("heading", name="Your pass")).to_have_count(0)
