"""Every page, in every state that it has: axe-core finds nothing, and nothing is wider than the window."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from daypass.tokens.errors import TokenFault
from tests.conftest import PASSWORD
from tests.helpers.server import Server, bearer
from tests.integration.browser.conftest import SHOWN_URL, Serve, Visit, expect_heading, fill_in, sign_up

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
WIDTHS = (320, 360, 768, 1280)  # px
LONG = "w" * 32  # the longest name


def nothing(page: Page) -> None:
    """The page as it is when it is opened."""


def wrong_password(page: Page) -> None:
    fill_in(page, "Sign in", name="bob", password="not it")


def weak_password(page: Page) -> None:
    fill_in(page, "Create account", name="georg", password="password")


def impossible_name(page: Page) -> None:
    fill_in(page, "Create account", name=LONG + LONG, password=PASSWORD)


def wrong_current_password(page: Page) -> None:
    fill_in(page, "Change password", current_password="not it", new_password=PASSWORD)


def weak_new_password(page: Page) -> None:
    fill_in(page, "Change password", current_password=PASSWORD, new_password="password")


def wrong_password_to_delete(page: Page) -> None:
    page.get_by_role("textbox", name="Password", exact=True).fill("not it")
    page.get_by_role("button", name="Delete my account").click()


def token_without_a_name(page: Page) -> None:
    page.get_by_label("Days").evaluate("field => field.form.noValidate = true")
    page.get_by_role("button", name="Create token").click()


def token(page: Page) -> None:
    page.get_by_role("textbox", name="Name", exact=True).last.fill("nightly")
    page.get_by_role("button", name="Create token").click()


def token_with_a_wrong_password(page: Page) -> None:
    token(page)
    fill_in(page, "Continue", password="not it")


def broken_token(page: Page) -> None:
    page.get_by_role("button", name="Change character").click()
    expect(page.locator(".verdict--invalid")).to_be_visible()


def edited_claims(page: Page) -> None:
    page.get_by_role("textbox", name="Payload as JSON").fill('{"sender": "%s"}' % ("mallory" * 30))
    expect(page.locator(".verdict--invalid")).to_be_visible()


def expired_token(page: Page) -> None:
    page.get_by_role("textbox", name="Payload as JSON").fill('{"exp": 1000000000}')
    page.get_by_label("Expires (exp)").select_option("As the payload says")
    page.get_by_role("button", name="Sign the token").click()
    expect(page.locator(".verdict")).to_contain_text("Signature has expired")


def no_lab_token(page: Page) -> None:
    page.get_by_role("textbox", name="Token", exact=True).fill("")
    expect(page.locator(".verdict--none")).to_be_visible()


def key_pair(page: Page) -> None:
    page.get_by_label("Algorithm").select_option("RS512")
    expect(page.locator("#key-error")).not_to_be_empty()
    page.get_by_role("button", name="Generate a key").click()
    expect(page.locator(".verdict--valid")).to_be_visible()
    page.get_by_text("Public key", exact=True).click()


def wrong_lab_fields(page: Page) -> None:
    page.get_by_label("Character number").fill("37")
    page.get_by_role("button", name="Change character").click()
    expect(page.locator("#place-error")).not_to_be_empty()


def weak_lab_key(page: Page) -> None:
    page.get_by_role("textbox", name="Key", exact=True).fill("secret")
    page.get_by_role("button", name="Sign the token").click()
    expect(page.locator("#key-notes")).to_contain_text("guessed")


def large_form(page: Page) -> None:
    fill_in(page, "Sign in", name="x" * 70_000, password="x")


def unnamed_host(page: Page) -> None:
    fill_in(page, "Show who may see it", address="https://elsewhere.example.org/")
    expect(page.get_by_role("status")).to_contain_text("No rule names the host elsewhere.example.org")


def unclear_address(page: Page) -> None:
    fill_in(page, "Show who may see it", address="https://docs.example.org/a/../b")
    expect(page.get_by_text("This is refused for everybody")).to_be_visible()


def try_all(page: Page) -> None:
    page.get_by_role("button", name="Try all attacks").click()
    expect(page.locator("[data-result=expected]")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "22")


def last_half_hour(page: Page) -> None:
    page.clock.install()
    page.clock.fast_forward("23:30:00")
    expect(page.get_by_role("article").get_by_role("status")).to_have_text("Expires soon")


def next_day(page: Page) -> None:
    page.clock.install()
    page.clock.fast_forward("24:00:00")
    expect(page.get_by_role("article").get_by_role("status")).to_have_text("Expired")


@dataclass(frozen=True)
class Place:
    """A page in one of its states: its h1, the path, whose token is held, on which host, and what is done there."""

    heading: str
    path: str = "/"
    holder: str = "nobody"
    host: str = "open"
    steps: Callable[[Page], None] = nothing


DOOR = {
    "home": Place("A login in front of pages"),
    "home of a member": Place("A login in front of pages", holder="bob"),
    "home after signing out": Place("A login in front of pages", "/?signed_out="),
    "sign in": Place("Sign in", "/login"),
    "sign in, wrong": Place("Sign in", "/login", steps=wrong_password),
    "sign up": Place("Sign up", "/signup"),
    "sign up, weak password": Place("Sign up", "/signup", steps=weak_password),
    "sign up, impossible name": Place("Sign up", "/signup", steps=impossible_name),
    "sign up, closed": Place("Sign-up is closed", "/signup", host="closed"),
    "set up": Place("Set up", "/setup?token=TOKEN", host="closed"),
    "set up, dead link": Place("Set up", "/setup?token=x", host="closed"),
    "set up, done": Place("Set up", "/setup"),
    "no token": Place("Invalid token", "/members?x=" + "1" * 200, holder=TokenFault.MISSING),
    "expired token": Place("Invalid token", "/members", holder=TokenFault.EXPIRED),
    "ended session": Place("Invalid token", "/members", holder=TokenFault.ENDED),
    "forged token": Place("Invalid token", "/members", holder=TokenFault.FORGED),
    "members": Place("Members", "/members", holder="bob"),
    "another host": Place("Not understood", host="stranger"),
    "not allowed": Place("Not allowed", "/admin", holder="bob"),
    "not found": Place("Page not found", "/nothing"),
    "not possible": Place("Not supported", "/logout"),
    "too large": Place("Too large", "/login", steps=large_form),
}
ACCOUNT = {
    "account": Place("Your pass", "/account", holder="bob"),
    "account of a long name": Place("Your pass", "/account", holder=LONG),
    "account of an admin": Place("Your pass", "/account", holder="alice"),
    "account, pass that ends": Place("Your pass", "/account", holder="bob", steps=last_half_hour),
    "account, pass that has ended": Place("Your pass", "/account", holder="bob", steps=next_day),
    "account, wrong password": Place("Your pass", "/account", holder="bob", steps=wrong_current_password),
    "account, weak password": Place("Your pass", "/account", holder="bob", steps=weak_new_password),
    "account, changed": Place("Your pass", "/account?changed=", holder="bob"),
    "account, not deleted": Place("Your pass", "/account", holder="bob", steps=wrong_password_to_delete),
    "sessions": Place("Where you are signed in", "/account/sessions", holder="bob"),
    "sessions, a token without a name": Place(
        "Where you are signed in", "/account/sessions", holder="bob", steps=token_without_a_name
    ),
    "a token for programs": Place("A token for nightly", "/account/sessions", holder="alice", steps=token),
    "password asked for": Place("Confirm your password", "/account/sessions", holder="stale", steps=token),
    "password asked for, wrong": Place(
        "Confirm your password", "/account/sessions", holder="stale", steps=token_with_a_wrong_password
    ),
}
LAB = {
    "attack gallery": Place("Attack gallery", "/lab/attacks", holder="bob"),
    "attack gallery, all tried": Place("Attack gallery", "/lab/attacks", holder="bob", steps=try_all),
    "lab": Place("Token lab", "/lab", holder="bob"),
    "lab, broken token": Place("Token lab", "/lab", holder="bob", steps=broken_token),
    "lab, edited claims": Place("Token lab", "/lab", holder="bob", steps=edited_claims),
    "lab, expired token": Place("Token lab", "/lab", holder="bob", steps=expired_token),
    "lab, no token": Place("Token lab", "/lab", holder="alice", steps=no_lab_token),
    "lab, key pair": Place("Token lab", "/lab", holder="alice", steps=key_pair),
    "lab, wrong number": Place("Token lab", "/lab", holder="bob", steps=wrong_lab_fields),
    "lab, weak key": Place("Token lab", "/lab", holder="bob", steps=weak_lab_key),
}
ADMINISTRATION = {
    "accounts": Place("Accounts", "/admin", holder="alice"),
    "no rules": Place("Rules", "/admin/rules", holder="alice"),
    "rules": Place("Rules", "/admin/rules", holder="keeper", host="ruled"),
    "rules, one that decides": Place(
        "Rules", "/admin/rules?url=docs.example.org/a.pdf&method=GET", holder="keeper", host="ruled"
    ),
    "rules, none that fits": Place("Rules", "/admin/rules", holder="keeper", host="ruled", steps=unnamed_host),
    "rules, an unclear address": Place("Rules", "/admin/rules", holder="keeper", host="ruled", steps=unclear_address),
    "rules, broken": Place("Rules", "/admin/rules", holder="breaker", host="broken"),
    "keys": Place("Keys", "/admin/keys", holder="alice"),
}


RULES_FILE = """
[[rule]]
host = ["docs.example.org", "a-host-with-a-name-that-is-too-long-for-a-phone.reports.example.org"]
path = "/**/*.pdf"
allow = { roles = ["staff"], names = ["bob"] }

[[rule]]
host = "docs.example.org"
path = "/a-folder-whose-name-is-much-too-long-for-a-phone/and-a-file-in-it/*.pdf"
allow = "public"
"""


@pytest.fixture(scope="module")
def ruled(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server with rules, one of which can never decide."""
    return with_rules(serve, tmp_path_factory.mktemp("rules") / "rules.toml")


@pytest.fixture(scope="module")
def broken(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server whose rules have become broken since it read them."""
    file = tmp_path_factory.mktemp("broken") / "rules.toml"
    server = with_rules(serve, file)
    rules_page = bearer(server.sign_in("alice", PASSWORD))
    server.request("GET", "/admin/rules", rules_page)
    file.write_text(RULES_FILE + '[[rule]]\nhost = "x y"\nallow = "nobody"\n')
    past = file.stat().st_mtime - 10
    os.utime(file, (past, past))
    while "cannot be used" not in server.request("GET", "/admin/rules", rules_page).body:
        time.sleep(0.1)
    return server


def with_rules(serve: Serve, file: Path) -> Server:
    file.write_text(RULES_FILE)
    server = serve(DAYPASS_RULES=str(file), DAYPASS_BASE_URL=SHOWN_URL)
    server.flask("user", "add", "alice", "--admin", "--password-stdin", stdin=PASSWORD)
    return server


@pytest.fixture(scope="module")
def holders(
    server: Server, ruled: Server, broken: Server, alice: str, bob: str, stale: str, bad: dict[TokenFault, str | None]
) -> dict[str, str | None]:
    """The tokens that are held at the places."""
    people = {"nobody": None, "alice": alice, "bob": bob, "stale": stale, LONG: sign_up(server, LONG)}
    people |= {"keeper": ruled.sign_in("alice", PASSWORD), "breaker": broken.sign_in("alice", PASSWORD)}
    return people | {fault.value: token for fault, token in bad.items()}


@pytest.fixture
def go(
    visit: Visit, server: Server, closed: Server, ruled: Server, broken: Server, holders: dict[str, str | None]
) -> Callable[[Place], Page]:
    """Go to a place, and see that it is the one."""
    stranger = f"http://stranger.localhost:{server.port}"
    hosts = {"open": server.url, "closed": closed.url, "stranger": stranger, "ruled": ruled.url, "broken": broken.url}

    def go(place: Place) -> Page:
        page = visit(holders[place.holder], at=hosts[place.host], reduced_motion="reduce")
        page.goto(place.path.replace("TOKEN", closed.setup_link.partition("=")[2]))
        place.steps(page)
        expect_heading(page, place.heading)
        return page

    return go


class Accessible:
    """The test of one group of places. Each group is a class, so that pytest-xdist can give each to another process."""

    places: dict[str, Place]

    def test_nobody_is_shut_out_of(self, go: Callable[[Place], Page], place: Place) -> None:
        page = go(place)
        assert_nothing_found(page, "dark", 320)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        assert_nothing_found(page, "light", 1280)


class TestDoor(Accessible):
    places = DOOR


class TestAccount(Accessible):
    places = ACCOUNT


class TestLab(Accessible):
    places = LAB


class TestAdministration(Accessible):
    places = ADMINISTRATION


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the test of each class at all of its places."""
    places = metafunc.cls.places
    metafunc.parametrize("place", places.values(), ids=places)


def assert_nothing_found(page: Page, scheme: Literal["light", "dark"], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{scheme}, {width} px: {found.generate_report()}"
