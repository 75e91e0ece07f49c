"""What people do with their account, with and without JavaScript."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from daypass.accounts import queries
from daypass.sessions.activity import FLUSH_SECONDS
from daypass.web.context import current_db
from tests.conftest import PASSWORD, new_session
from tests.helpers.factories import add_account, app_on_database_of
from tests.helpers.mail import mail_settings
from tests.helpers.mail_server import PATIENCE, Mailbox, link_in, running_mail_server
from tests.helpers.server import Server, free_port
from tests.helpers.tokens import bearer_header
from tests.integration.browser.conftest import Serve, Visit, expect_heading, fill_in, in_a_thread

NEW = "copper meadow 19 slow window"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)
with_and_without_scripts = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="module")
def mailing(serve: Serve, mailbox: Mailbox, password_hash: str) -> Iterator[Server]:
    """A server that sends mail, with the administrator alice."""
    port = free_port()
    with running_mail_server(mailbox, port=port):
        server = serve(**mail_settings(port))
        in_a_thread(add_account, server, password_hash, "alice", ["admin"])
        yield server


@pytest.fixture
def name(mailing: Server, password_hash: str, request: pytest.FixtureRequest) -> str:
    """The name of a new account with an address."""
    name = f"u{abs(hash(request.node.name)) % 10**12}"
    in_a_thread(add_account, mailing, password_hash, name, [])
    mailing.command("user", "email", name, f"{name}@example.org")
    return name


@pytest.fixture
def sign_in(visit: Visit, mailing: Server, scripts: bool) -> SignIn:
    """Open the account of a name in a new browser."""

    def sign_in(name: str, **options: str) -> Page:
        page = visit(url=mailing.url, java_script_enabled=scripts, **options)
        page.goto("/login?next=/account")
        fill_in(page, "Sign in", name=name, password=PASSWORD)
        expect_heading(page, "Your pass")
        return page

    return sign_in


def add_sessions(server: Server, name: str, number: int) -> None:
    with app_on_database_of(server) as app:
        with app.app_context():
            account_id = queries.find(current_db(), name).id
        for _ in range(number):
            new_session(app, account_id)


@with_and_without_scripts
def test_the_session_of_a_lost_phone_is_revoked_among_seven(sign_in: SignIn, mailing: Server, name: str) -> None:
    in_a_thread(add_sessions, mailing, name, 5)
    phone, page = sign_in(name, user_agent=PHONE), sign_in(name)
    page.get_by_role("navigation", name="Your account").get_by_role("link", name="Sessions").click()
    active = page.get_by_role("region", name="Active").get_by_role("listitem")
    expect(active).to_have_count(7)
    expect(active.first).to_contain_text("This browser")
    page.get_by_role("link", name="Revoke Safari on iOS").click()
    page.get_by_role("button", name="Revoke this session").click()
    expect(page.get_by_role("status").first).to_contain_text("The session was revoked.")
    expect(active).to_have_count(6)
    phone.reload()
    expect(phone.get_by_label("Password", exact=True)).to_be_visible()
    expect(phone.get_by_role("article", name="Your pass")).to_have_count(0)
    page.reload()
    expect_heading(page, "Where you are signed in")


@with_and_without_scripts
def test_a_token_for_a_script_is_made_used_and_listed_as_used(sign_in: SignIn, mailing: Server, name: str) -> None:
    page = sign_in(name)
    page.get_by_role("link", name="Tokens").click()
    fill_in(page, "Create token", name="nightly report")
    expect_heading(page, "A token for nightly report")
    token = page.locator(".token").inner_text().replace("\n", "").strip()
    page.get_by_role("link", name="Go back to your tokens").click()
    row = page.get_by_role("row").filter(has_text="nightly report")
    expect(row).to_contain_text("Never")
    assert mailing.request("GET", "/api/me", bearer_header(token)).json()["name"] == name
    page.wait_for_timeout(1000 * (FLUSH_SECONDS + 1))  # the time of a use is stored a few seconds later
    page.reload()
    expect(row).not_to_contain_text("Never")


def lock(page: Page) -> None:
    page.get_by_role("link", name="Account", exact=True).click()
    page.get_by_role("link", name="Lock my account").click()
    expect_heading(page, "Lock your account?")
    page.get_by_role("button", name="Lock my account").click()
    expect_heading(page, "Your account is locked")


def reset_link(mailbox: Mailbox, address: str) -> str:
    """The link of the mail that resets the password, as path and query. Waits for it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := [each for each in mailbox.to(address) if each["Subject"].startswith("Reset")]):
        assert time.monotonic() < deadline, mailbox.subjects()
        time.sleep(0.05)
    return link_in(found[-1])


def expect_no_sign_in(page: Page, name: str, password: str = PASSWORD, why: str = "Wrong name or password.") -> None:
    page.goto("/login")
    fill_in(page, "Sign in", name=name, password=password)
    expect(page.get_by_role("alert")).to_contain_text(why)


@with_and_without_scripts
def test_a_locked_account_is_opened_by_a_mail(sign_in: SignIn, mailing: Server, mailbox: Mailbox, name: str) -> None:
    elsewhere, page = sign_in(name), sign_in(name)
    lock(page)
    elsewhere.goto("/account")
    expect(elsewhere.get_by_text("because you locked the account. To open it again, choose")).to_be_visible()
    expect_no_sign_in(elsewhere, name, why="You locked your account. To open it again, choose")
    page.get_by_role("link", name="Ask for the link").click()
    page.get_by_label("Name or e-mail address").fill(name)
    page.get_by_role("button", name="Send the link").click()
    page.goto(reset_link(mailbox, f"{name}@example.org"))
    fill_in(page, "Set the password", new_password=NEW)
    expect(page.get_by_text("Your account is open again")).to_be_visible()
    fill_in(page, "Sign in", name=name, password=NEW)
    page.goto("/account")
    expect_heading(page, "Your pass")
    expect_no_sign_in(elsewhere, name)


@with_and_without_scripts
def test_a_locked_account_is_opened_by_an_administrator(sign_in: SignIn, mailing: Server, name: str) -> None:
    page, alice = sign_in(name), sign_in("alice")
    lock(page)
    expect_no_sign_in(page, name, why="You locked your account.")
    alice.goto("/admin")
    row = alice.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("locked by its owner")
    row.get_by_role("link", name=name).click()
    alice.get_by_role("button", name=f"Enable {name}").click()
    expect(alice.get_by_role("status").first).to_contain_text(f"{name} was enabled")
    fill_in(page, "Sign in", name=name, password=PASSWORD)
    page.goto("/account")
    expect_heading(page, "Your pass")


@with_and_without_scripts
def test_ones_own_data_are_downloaded(sign_in: SignIn, name: str) -> None:
    page = sign_in(name)
    page.get_by_role("link", name="Account", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download your data").click()
    download = started.value
    assert download.suggested_filename.startswith(f"daypass-{name}-")
    found = json.loads(Path(download.path()).read_text())
    assert found["account"]["email"] == f"{name}@example.org"
    expect_heading(page, "Account")


@pytest.mark.parametrize("scripts", [True])
def test_a_new_password_is_rated_while_it_is_typed(sign_in: SignIn, name: str) -> None:
    page = sign_in(name)
    page.get_by_role("link", name="Account", exact=True).click()
    bar = page.get_by_role("meter", name="How hard the new password is to guess")
    for typed, words, accepted in (
        ("password", "This is a top-10 common password.", False),
        (f"{name}1", "This password is easy to guess.", False),
        (NEW, "hard to guess.", True),
    ):
        page.get_by_label("New password", exact=True).fill(typed)
        expect(page.locator(".strength").get_by_role("status")).to_contain_text(words, ignore_case=True)
        assert (bar.evaluate("bar => bar.value") >= 3) == accepted
    page.get_by_label("New password", exact=True).fill("")
    expect(page.locator(".strength").get_by_role("status")).to_have_text("")


@pytest.mark.parametrize("scripts", [True])
def test_a_token_is_copied(sign_in: SignIn, name: str) -> None:
    page = sign_in(name)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Tokens").click()
    fill_in(page, "Create token", name="nightly report")
    page.get_by_role("button", name="Copy the token").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    token = page.locator(".token").inner_text().replace("\n", "").strip()
    assert page.evaluate("navigator.clipboard.readText()") == token
