"""An invitation from its link to the first page, and a request from the form to the approval."""

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import Serve, Visit, expect_heading, fill_in, status

with_and_without_javascript = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture(scope="module")
def site(serve: Serve) -> Server:
    """A server with the administrator alice, where people ask for accounts."""
    server = serve(DAYPASS_SIGNUP="approve")
    server.command("user", "add", "alice", "--admin", "--password-stdin", stdin=PASSWORD)
    return server


@pytest.fixture(scope="module")
def club(serve: Serve) -> Server:
    """A server with the member bob, where members invite people."""
    server = serve(DAYPASS_SIGNUP="invite")
    server.command("user", "add", "bob", "--password-stdin", stdin=PASSWORD)
    return server


def name(scripts: bool, text: str) -> str:
    """A name that the variant of the test has for itself."""
    return text if scripts else f"{text}2"


def sign_in(page: Page, name: str) -> None:
    page.goto("/login")
    fill_in(page, "Sign in", name=name, password=PASSWORD)


def link_on(page: Page) -> str:
    """The link of the invitation that was just created."""
    expect(page.get_by_text("It will not be shown again.")).to_be_visible()
    return page.locator("#link").inner_text()


@with_and_without_javascript
def test_an_invitation_leads_from_its_link_to_the_first_page(visit: Visit, site: Server, scripts: bool) -> None:
    admin = visit(url=site.url, java_script_enabled=scripts)
    carol = visit(url=site.url, java_script_enabled=scripts)
    invited = name(scripts, "carol")
    sign_in(admin, "alice")
    admin.get_by_role("link", name="Admin", exact=True).click()
    admin.get_by_role("link", name="Invitations").click()
    admin.get_by_label("Name", exact=True).fill(invited)
    admin.get_by_label("The link works for").select_option("7 days")
    admin.get_by_role("checkbox", name="admin").check()
    admin.get_by_role("button", name="Create the link").click()
    expect(admin.get_by_role("button", name="Copy")).to_have_count(1 if scripts else 0)

    carol.goto(link_on(admin))
    expect_heading(carol, "alice invites you")
    expect(carol.get_by_label("Password", exact=True)).to_be_focused()
    fill_in(carol, "Create account", password="password1")
    expect(carol.get_by_text("This password is easy to guess.")).to_be_visible()
    fill_in(carol, "Create account", password=PASSWORD)
    expect(carol.get_by_role("status").first).to_contain_text(f"Welcome, {invited}.")
    assert "code=" not in carol.url
    carol.get_by_role("link", name="Admin", exact=True).click()
    expect_heading(carol, "Accounts")

    admin.get_by_role("link", name="Go back to the invitations").click()
    expect(admin.get_by_role("table", name="Used and expired invitations")).to_contain_text(invited)


@with_and_without_javascript
def test_an_invitation_that_was_revoked_says_so(visit: Visit, site: Server, scripts: bool) -> None:
    admin, guest = (visit(url=site.url, java_script_enabled=scripts) for _ in range(2))
    sign_in(admin, "alice")
    admin.goto("/admin/invitations")
    admin.get_by_role("button", name="Create the link").click()
    link = link_on(admin)
    admin.get_by_role("link", name="Go back to the invitations").click()
    admin.get_by_role("link", name="Revoke the invitation for any name").click()
    expect_heading(admin, "Revoke the invitation for any name?")
    admin.get_by_role("button", name="Revoke this invitation").click()
    expect(admin.get_by_role("status").first).to_have_text(
        "The invitation for any name was revoked. Its link is not valid any more."
    )
    assert status(guest.goto(link)) == 410
    expect_heading(guest, "Invitation not valid")


@with_and_without_javascript
def test_a_member_invites_somebody_who_chooses_a_name(visit: Visit, club: Server, scripts: bool) -> None:
    bob, guest = (visit(url=club.url, java_script_enabled=scripts) for _ in range(2))
    assert status(guest.goto("/signup")) == 403
    sign_in(bob, "bob")
    bob.goto("/account")
    bob.get_by_role("link", name="Invite", exact=True).click()
    bob.get_by_role("button", name="Create the link").click()
    guest.goto(link_on(bob))
    fill_in(guest, "Create account", name="bob", password=PASSWORD)
    expect(guest.get_by_text("This name is taken.")).to_be_visible()
    fill_in(guest, "Create account", name=name(scripts, "dora"), password=PASSWORD)
    expect(guest.get_by_role("status").first).to_contain_text(f"Welcome, {name(scripts, 'dora')}.")


@with_and_without_javascript
def test_a_request_is_approved_and_another_rejected(visit: Visit, site: Server, scripts: bool) -> None:
    admin, guest = (visit(url=site.url, java_script_enabled=scripts) for _ in range(2))
    erin, mallory = name(scripts, "erin"), name(scripts, "mallory")
    for person in (erin, mallory):
        guest.goto("/signup")
        fill_in(guest, "Ask for an account", name=person, password=PASSWORD)
        expect_heading(guest, "Your request was sent")
    guest.get_by_role("link", name="Go to sign in").click()
    fill_in(guest, "Sign in", name=erin, password=PASSWORD)
    expect(guest.get_by_role("alert")).to_contain_text("Your account waits for an administrator's approval.")

    sign_in(admin, "alice")
    admin.goto("/admin")
    admin.get_by_role("link", name="Requests (2)").click()
    admin.get_by_role("button", name=f"Approve {erin}").click()
    expect(admin.get_by_role("status").first).to_have_text(f"{erin} can sign in from now on.")
    admin.get_by_role("link", name=f"Reject {mallory}").click()
    expect(admin.get_by_text("The account is deleted, and the name is free again.")).to_be_visible()
    admin.get_by_role("button", name=f"Reject {mallory}").click()
    expect(admin.get_by_role("status").first).to_contain_text(f"The request of {mallory} was rejected")
    expect(admin.get_by_text("Nobody waits for an account.")).to_be_visible()

    sign_in(guest, mallory)
    expect(guest.get_by_role("alert")).to_have_text("Wrong name or password.")
    fill_in(guest, "Sign in", name=erin, password=PASSWORD)
    expect(guest.get_by_role("article", name="Your pass")).to_contain_text(erin)
