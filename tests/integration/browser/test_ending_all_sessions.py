"""What an administrator does to all sessions at once: rotate and drop the key, and sign everybody out."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.server import Server
from tests.integration.browser.conftest import (
    Serve,
    Visit,
    expect_heading,
    fill_in,
    in_a_thread,
    status,
    token_of_aged_session,
)

pytestmark = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture(scope="module")
def office(serve: Serve, password_hash: str) -> Server:
    """A server with the administrator alice and with bob, whose sessions may end."""
    server = serve()
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    in_a_thread(add_account, server, password_hash, "bob")
    return server


@pytest.fixture
def admin(visit: Visit, office: Server, javascript: bool) -> Page:
    """The list of accounts, as alice sees it, who has entered her password too long ago for an act."""
    token = in_a_thread(token_of_aged_session, office, "alice", timedelta(minutes=11))
    page = visit(token, url=office.url, java_script_enabled=javascript)
    page.goto("/admin")
    return page


def confirm_password(page: Page, act: str) -> None:
    """Enter the password on the page that asks for it, and names the act."""
    expect_heading(page, "Confirm your password")
    expect(page.get_by_text(f"Enter your password to {act}.")).to_be_visible()
    fill_in(page, "Continue", password=PASSWORD)


def row(page: Page, text: str) -> Locator:
    """The row of the key with this text."""
    return page.get_by_role("row").filter(has_text=text)


def signing_key(page: Page) -> str:
    return row(page, "Signs and verifies").get_by_role("rowheader").inner_text()


def drop(page: Page, kid: str) -> None:
    """Drop a key; before and after, the page says the same about how many sessions end."""
    page.get_by_role("link", name=f"the key {kid}").click()
    expect_heading(page, f"Drop key {kid}?")
    ended = page.get_by_text("People sign in again").inner_text().partition(" People")[0]
    page.get_by_role("button", name=f"Drop key {kid}").click()
    expect(page.get_by_role("status").first).to_have_text(f"Key {kid} was dropped: {ended}")
    expect(row(page, kid)).to_have_count(0)


def test_a_key_is_rotated_and_both_are_dropped(visit: Visit, office: Server, admin: Page) -> None:
    before = visit(office.sign_in("bob", PASSWORD), url=office.url)
    admin.get_by_role("link", name="Keys", exact=True).click()
    former = signing_key(admin)
    admin.get_by_label("Algorithm").select_option("ES256")
    admin.get_by_role("button", name="Rotate the key").click()
    confirm_password(admin, "rotate the key")
    expect(admin.get_by_role("status").first).to_have_text(re.compile("^Key .+ signs all new passes from now on.$"))
    expect(row(admin, "Signs and verifies")).to_contain_text("ES256")
    expect(row(admin, former)).to_contain_text("Verifies only")
    after = visit(office.sign_in("bob", PASSWORD), url=office.url)
    assert (status(before.goto("/members")), status(after.goto("/members"))) == (200, 200)
    drop(admin, former)
    assert (status(before.reload()), status(after.reload())) == (401, 200)
    drop(admin, signing_key(admin))  # it signed alice's own pass too
    assert status(after.reload()) == 401
    assert status(admin.goto("/admin")) == 200


def test_everybody_is_signed_out(visit: Visit, office: Server, admin: Page) -> None:
    bob = visit(office.sign_in("bob", PASSWORD), url=office.url)
    bob.goto("/members")
    admin.get_by_role("link", name="Sign out everybody").click()
    expect_heading(admin, "Sign out everybody?")
    admin.get_by_role("link", name="Cancel").click()
    assert status(bob.reload()) == 200
    admin.get_by_role("link", name="Sign out everybody").click()
    expect(admin.get_by_text("including yours")).to_be_visible()
    admin.get_by_role("button", name="Sign out everybody").click()
    confirm_password(admin, "sign out everybody")
    expect_heading(admin, "Sign in to see the accounts")
    assert status(bob.reload()) == 401
    for page in (admin, bob):
        expect(page.get_by_text(re.compile("Your pass was ended at .* by an administrator"))).to_be_visible()
    fill_in(admin, "Sign in", name="alice", password=PASSWORD)
    expect_heading(admin, "Accounts")
