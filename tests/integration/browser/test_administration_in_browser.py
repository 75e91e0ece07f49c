"""Everything that administrators do with accounts, in a browser with and without JavaScript."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import Visit, expect_heading, fill_in, sign_up

NEW_PASSWORD = "another 9 heron meadow"

pytestmark = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture
def admin(visit: Visit, alice: str, javascript: bool) -> Page:
    """A page of alice, an administrator."""
    return visit(alice, java_script_enabled=javascript)


@pytest.fixture
def open_account(server: Server, admin: Page, javascript: bool) -> Callable[[str], str]:
    """A function that signs somebody up, and opens the account's page by way of the list; returns the name."""

    def open_account(name: str) -> str:
        name = f"{name}{'1' if javascript else '0'}"  # the server is shared
        sign_up(server, name)
        admin.goto("/admin")
        fill_in(admin, "Show accounts", **{"Name or address": name[:-1]})
        admin.get_by_role("link", name=name, exact=True).click()
        expect_heading(admin, name)
        return name

    return open_account


def told(page: Page, text: str) -> None:
    """The page shows this message about the last act."""
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


def test_an_account_is_created_and_its_owner_sets_the_password(visit: Visit, admin: Page, javascript: bool) -> None:
    name = f"newcomer{'1' if javascript else '0'}"
    admin.goto("/admin")
    admin.get_by_role("link", name="Create an account").click()
    admin.get_by_role("checkbox", name="admin").check()
    fill_in(admin, "Create account", name="No!", A_new_role="editor")
    expect(admin.get_by_text("A name has 3 to 32 characters").first).to_be_visible()
    expect(admin.get_by_label("A new role")).to_have_value("editor")
    admin.get_by_role("checkbox", name="admin").uncheck()
    fill_in(admin, "Create account", name=name, Last_day="2099-12-31")
    link = admin.locator(".reset-link code").inner_text()
    owner = visit(java_script_enabled=javascript)
    owner.goto(link.partition("8000")[2])  # the server listens on another port than the link says
    fill_in(owner, "Set the password", new_password=NEW_PASSWORD)
    fill_in(owner, "Sign in", name=name, password=NEW_PASSWORD)
    expect(owner.get_by_role("button", name="Sign out", exact=True)).to_be_visible()


def test_roles_are_added_and_removed(admin: Page, open_account: Callable[[str], str]) -> None:
    name = open_account("roles")
    fill_in(admin, "Add roles", A_new_role="Not A Role")
    expect(admin.get_by_text("A role has 1 to 32 characters")).to_be_visible()
    fill_in(admin, "Add roles", A_new_role="editor")
    told(admin, f"{name} now has the role editor.")
    admin.get_by_role("link", name="Remove the role editor").click()
    expect_heading(admin, f"Remove the role editor from {name}?")
    admin.get_by_role("button", name="Remove the role editor").click()
    told(admin, f"{name} no longer has the role editor.")
    expect(admin.get_by_text("This account has no roles.")).to_be_visible()


def test_a_session_is_revoked_and_then_all(admin: Page, server: Server, open_account: Callable[[str], str]) -> None:
    name = open_account("sessions")
    server.sign_in(name, PASSWORD)
    admin.reload()
    revoke = admin.get_by_role("link", name=re.compile("^Revoke"))
    expect(revoke).to_have_count(2)
    revoke.first.click()
    expect_heading(admin, re.compile(f"^Revoke the session “.+” of {name}\\?$"))
    admin.get_by_role("button", name="Revoke this session").click()
    told(admin, f"” of {name} was revoked.")
    expect(revoke).to_have_count(1)
    admin.get_by_role("link", name="Sign out everywhere").click()
    expect_heading(admin, f"Sign {name} out everywhere?")
    admin.get_by_role("link", name="Cancel").click()
    expect(revoke).to_have_count(1)
    admin.get_by_role("link", name="Sign out everywhere").click()
    admin.get_by_role("button", name=f"Sign {name} out everywhere").click()
    told(admin, f"{name} was signed out everywhere.")
    expect(revoke).to_have_count(0)


def test_an_end_date_is_set_and_removed(admin: Page, open_account: Callable[[str], str]) -> None:
    name = open_account("dates")
    fill_in(admin, "Set end date", Last_day="2099-12-31")
    told(admin, f"{name} can sign in until the end of 2099-12-31 (UTC).")
    expect(admin.get_by_label("Last day")).to_have_value("2099-12-31")
    admin.get_by_role("button", name="Remove the end date").click()
    told(admin, f"{name} has no end date any more.")


def test_an_end_date_that_ends_a_session_asks_first(
    admin: Page, server: Server, open_account: Callable[[str], str]
) -> None:
    name, day = open_account("limited"), str((datetime.now(UTC) + timedelta(days=3)).date())
    form = urlencode({"username": name, "password": PASSWORD, "keep": "y"}).encode()  # for up to 30 days
    server.request("POST", "/login", {"Content-Type": "application/x-www-form-urlencoded"}, form)
    fill_in(admin, "Set end date", Last_day=day)
    expect_heading(admin, f"Let {name} sign in until {day} only?")
    admin.get_by_role("link", name="Cancel").click()
    expect(admin.get_by_label("Last day")).to_have_value("")
    fill_in(admin, "Set end date", Last_day=day)
    expect(admin.get_by_text("1 session or API token ends now.")).to_be_visible()
    admin.get_by_role("button", name="Set the end date").click()
    told(admin, "Sessions and API tokens that would have lasted longer have ended: 1.")


def test_a_mail_address_is_set_and_removed(admin: Page, open_account: Callable[[str], str]) -> None:
    name = open_account("mailed")
    fill_in(admin, "Set address", Address=f"{name}@example.org")
    told(admin, f"The mail address of {name} is now {name}@example.org.")
    admin.get_by_role("button", name="Remove the address").click()
    told(admin, f"{name} has no mail address any more.")


def test_an_account_is_disabled_enabled_and_deleted(admin: Page, open_account: Callable[[str], str]) -> None:
    name = open_account("closing")
    admin.get_by_role("link", name=f"Disable {name}").click()
    admin.get_by_role("button", name=f"Disable {name}").click()
    told(admin, f"{name} was disabled")
    admin.get_by_role("button", name=f"Enable {name}").click()
    told(admin, f"{name} was enabled")
    admin.get_by_role("link", name=f"Delete {name}").click()
    expect(admin.get_by_text("This cannot be undone.")).to_be_visible()
    gone = admin.url.removesuffix("/delete")
    admin.get_by_role("button", name=f"Delete {name} permanently").click()
    told(admin, f"{name} was deleted.")
    admin.goto(gone)
    expect_heading(admin, "No such account")
    admin.get_by_role("link", name="Go back to the accounts").click()
    expect_heading(admin, "Accounts")


def test_a_reset_link_is_created_on_the_page_of_the_account(admin: Page, open_account: Callable[[str], str]) -> None:
    name = open_account("forgetful")
    admin.get_by_role("button", name="Create a link to set the password").click()
    expect_heading(admin, f"A new password for {name}")
    admin.get_by_role("link", name=f"Go to the account {name}").click()
    expect_heading(admin, name)


def test_events_of_the_account_are_one_click_away(admin: Page, open_account: Callable[[str], str]) -> None:
    name = open_account("eventful")
    admin.get_by_role("link", name="Events of this account").click()
    expect_heading(admin, "Events")
    expect(admin.get_by_role("rowheader", name="Signed up")).to_be_visible()
    expect(admin.get_by_label("Account", exact=True)).to_have_value(name)
