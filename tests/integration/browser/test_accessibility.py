"""Every page in every state passes axe-core and is no wider than the window."""

import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from daypass.accounts import email, recovery
from daypass.accounts.mail_links import signed_link
from daypass.database.models import Account, new_id
from daypass.database.transactions import write_transaction
from daypass.mail import outbox
from daypass.mail.kinds import Kind
from daypass.tokens import purposes
from daypass.tokens.errors import TokenFault
from daypass.web.context import current_db, current_runtime
from tests.conftest import PASSWORD, create_account
from tests.helpers.factories import add_account, app_on_database_of
from tests.helpers.mail import mail_settings
from tests.helpers.server import Server, free_port
from tests.helpers.tokens import bearer_header
from tests.integration.browser.conftest import PUBLIC_URL, Serve, Visit, expect_heading, fill_in, in_a_thread, sign_up

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
WIDTHS = (320, 360, 768, 1280)  # px
LONGEST_NAME = "w" * 32
LONG_ADDRESS = "alice.with.a.long.name@mail.department.example.org"


def do_nothing(page: Page) -> None:
    """Leave the page as it opens."""


def just_signed_out(page: Page) -> None:
    page.context.add_cookies([{"name": "daypass-message", "value": "SIGNED_OUT", "url": page.url}])
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")


def wrong_password(page: Page) -> None:
    fill_in(page, "Sign in", name="bob", password="not it")


def weak_password(page: Page) -> None:
    fill_in(page, "Create account", name="georg", password="password")


def impossible_name(page: Page) -> None:
    fill_in(page, "Create account", name=LONGEST_NAME + LONGEST_NAME, password=PASSWORD)


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


def listed_token(page: Page) -> None:
    token(page)
    page.get_by_role("link", name="Go back to your tokens").click()


def own_token(page: Page) -> None:
    page.get_by_text("See the token itself").click()


def rated_password(page: Page) -> None:
    page.get_by_label("New password", exact=True).fill("password")
    expect(page.get_by_text("This is a top-10 common password.")).to_be_visible()


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
    page.get_by_label("Expires (exp)").select_option("As in the payload")
    page.get_by_role("button", name="Sign the token").click()
    expect(page.locator(".verdict")).to_contain_text("Signature has expired")


def ask_to_drop_the_key(page: Page) -> None:
    page.get_by_role("link", name="Drop").click()


def no_lab_token(page: Page) -> None:
    page.get_by_role("textbox", name="Token", exact=True).fill("")
    expect(page.locator(".verdict--none")).to_be_visible()


def key_pair(page: Page) -> None:
    page.get_by_label("Algorithm").select_option("RS512")
    expect(page.locator("#key-notes")).to_contain_text("The lab made a new key for RS512")
    page.get_by_text("Public key", exact=True).click()


def compared_tokens(page: Page) -> None:
    page.get_by_label("The other token").fill("eyJhbGciOiJIUzI1NiJ9.eyJzZW5kZXIiOiJib2IifQ.AAAA")
    expect(page.locator("#compared table")).to_have_count(2)


def set_lab_clock(page: Page) -> None:
    page.get_by_label("Set the clock (UTC)").fill("2040-01-01 00:00:00")
    page.get_by_label("Leeway").select_option("One minute")
    expect(page.locator(".verdict")).to_contain_text("Signature has expired")


def unfitting_lab_key(page: Page) -> None:
    page.get_by_role("textbox", name="Key", exact=True).fill("my own secret")
    page.get_by_label("Algorithm").select_option("ES256")
    expect(page.get_by_role("button", name="Make a fitting key and sign")).to_be_visible()


def wrong_lab_fields(page: Page) -> None:
    page.get_by_label("Character number").fill("37")
    page.get_by_role("button", name="Change character").click()
    expect(page.locator("#place-error")).not_to_be_empty()


def weak_lab_key(page: Page) -> None:
    page.get_by_role("textbox", name="Key", exact=True).fill("secret")
    page.get_by_role("button", name="Sign the token").click()
    expect(page.locator("#key-notes")).to_contain_text("guessed")


def ask_for_a_link(page: Page) -> None:
    page.get_by_label("Name or e-mail address").fill("bob")
    page.get_by_role("button", name="Send the link").click()


def enter_an_address(page: Page) -> None:
    page.locator("#email").fill(LONG_ADDRESS)
    page.get_by_role("button", name="Send a confirmation link").click()
    expect(page.get_by_text("Open the link in the mail")).to_be_visible()


def reset_own_password(page: Page) -> None:
    own_account(page)
    page.get_by_role("button", name="Create a link to set the password").click()


def own_account(page: Page) -> None:
    page.get_by_role("link", name="alice", exact=True).click()


def malformed_role(page: Page) -> None:
    own_account(page)
    fill_in(page, "Add roles", A_new_role="Not A Role")


def malformed_name(page: Page) -> None:
    fill_in(page, "Create account", name="No!")


def other_account(page: Page) -> None:
    page.get_by_role("link", name="charlie", exact=True).click()


def delete_other_account(page: Page) -> None:
    other_account(page)
    page.get_by_role("link", name="Delete charlie").click()


def sign_out_other_account(page: Page) -> None:
    other_account(page)
    page.get_by_role("link", name="Sign out everywhere").click()


def disable_other_account(page: Page) -> None:
    other_account(page)
    page.get_by_role("link", name="Disable charlie").click()


def sign_out_everybody(page: Page) -> None:
    page.get_by_role("link", name="Sign out everybody").click()


def revoke_a_session(page: Page) -> None:
    page.get_by_role("link", name="Revoke", exact=False).and_(page.locator("[href$='/end']")).first.click()


def revoke_other_sessions(page: Page) -> None:
    page.locator("[href$='/end-others']").click()


def revoke_a_token(page: Page) -> None:
    listed_token(page)
    page.get_by_role("link", name="Revoke nightly").first.click()


def lock(page: Page) -> None:
    page.get_by_role("button", name="Lock my account").click()


def weak_reset_password(page: Page) -> None:
    fill_in(page, "Set the password", new_password="password")


def set_password(page: Page) -> None:
    fill_in(page, "Set the password", new_password=PASSWORD)


def confirm_address(page: Page) -> None:
    page.get_by_role("button", name="Confirm this address").click()


def disown(page: Page) -> None:
    page.get_by_role("button", name="It wasn’t me").click()  # noqa: RUF001


def large_form(page: Page) -> None:
    fill_in(page, "Sign in", name="x" * 70_000, password="x")


def unnamed_host(page: Page) -> None:
    fill_in(page, "Show who may see it", address="https://elsewhere.example.org/")
    expect(page.get_by_role("status")).to_contain_text("No rule names the host elsewhere.example.org")


def unclear_address(page: Page) -> None:
    fill_in(page, "Show who may see it", address="https://docs.example.org/a/../b")
    expect(page.get_by_text("This is refused for everybody")).to_be_visible()


def run_all_attacks(page: Page) -> None:
    page.get_by_role("button", name="Try all attacks").click()
    expect(page.locator("[data-result=expected]")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "28")


def open_all_attacks(page: Page) -> None:
    page.locator(".attack details").evaluate_all("all => all.forEach(details => { details.open = true })")


def run_and_open_all_attacks(page: Page) -> None:
    run_all_attacks(page)
    open_all_attacks(page)


def invite(page: Page) -> None:
    page.get_by_role("button", name="Create the link").click()


def invite_with_an_impossible_name(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("a b")
    invite(page)


def share_an_impossible_address(page: Page) -> None:
    page.get_by_label("Address").fill("https://docs.example.org/../plans/")
    page.get_by_label("What it is for").fill("W" * 64)
    invite(page)


def invite_and_go_back(page: Page) -> None:
    invite(page)
    page.get_by_role("link", name="Go back to the invitations").click()


def open_an_invitation(page: Page) -> None:
    invite(page)
    page.goto(page.locator("#link").inner_text().removeprefix(PUBLIC_URL))


def open_an_invitation_for_a_long_name(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("i" * 32)
    page.get_by_role("checkbox", name="admin").check()
    open_an_invitation(page)
    fill_in(page, "Create account", password="password")


def invite_a_long_name(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("x" * 32)
    invite(page)


def ask_for_an_account(page: Page) -> None:
    fill_in(page, "Ask for an account", name=LONGEST_NAME, password=PASSWORD)


def sign_in_while_waiting(page: Page) -> None:
    fill_in(page, "Sign in", name="erin", password=PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("approval")


def reject(page: Page) -> None:
    page.get_by_role("link", name="Reject erin").click()


def last_half_hour(page: Page) -> None:
    page.clock.install()
    page.clock.fast_forward("23:30:00")
    expect(page.get_by_role("article").get_by_role("status")).to_have_text("Expires soon")


def next_day(page: Page) -> None:
    page.clock.install()
    page.clock.fast_forward("24:00:00")
    expect(page.get_by_role("article").get_by_role("status")).to_have_text("Expired")


@dataclass(frozen=True)
class PageState:
    """A page in one state.

    `holder` and `host` are the fixtures of the visitor's token and of the server, or `holder` is a fault of the token.
    """

    heading: str | re.Pattern[str]
    path: str = "/"
    holder: str = "nobody"
    host: str = "server"
    stranger: bool = False  # requested by a name that the server does not know
    link: str | None = None  # the purpose of a mailed link, which is opened instead of the path
    steps: Callable[[Page], None] = do_nothing


PUBLIC = {
    "home": PageState("Sign in to see your pages"),
    "home without an account": PageState("Create the first account", host="closed"),
    "home of an administrator": PageState("Your pages", holder="alice"),
    "home of a member": PageState("Your pages", holder="bob"),
    "home after signing out": PageState("Sign in to see your pages", steps=just_signed_out),
    "home, with a site": PageState("Your pages", "/-/", holder="reader", host="with_site"),
    "a page of a site": PageState("Sign in to see /guide/", "/guide/", host="with_site"),
    "a page of a site, not found": PageState("Page not found", "/nothing", holder="reader", host="with_site"),
    "sign in": PageState("Sign in", "/login"),
    "sign in, wrong": PageState("Sign in", "/login", steps=wrong_password),
    "sign out": PageState("Sign out?", "/logout?to=/members", holder="bob"),
    "sign out, not signed in": PageState("You are not signed in", "/logout?to=/members"),
    "sign up": PageState("Sign up", "/signup"),
    "sign up, weak password": PageState("Sign up", "/signup", steps=weak_password),
    "sign up, impossible name": PageState("Sign up", "/signup", steps=impossible_name),
    "sign up, closed": PageState("Sign-up is closed", "/signup", host="closed"),
    "sign up, by invitation": PageState("By invitation only", "/signup", host="inviting"),
    "sign up, with approval": PageState("Sign up", "/signup", host="approving"),
    "sign up, with approval, sent": PageState(
        "Your request was sent", "/signup", host="approving", steps=ask_for_an_account
    ),
    "sign in, not approved yet": PageState("Sign in", "/login", host="approving", steps=sign_in_while_waiting),
    "invitation, dead link": PageState("Invitation not valid", "/join?code=x"),
    "set up": PageState("Set up", "/setup?code=CODE", host="closed"),
    "set up, dead link": PageState("Set up", "/setup?code=x", host="closed"),
    "set up, done": PageState("Set up", "/setup"),
    "forgot password": PageState("Forgot your password?", "/forgot", host="with_mail"),
    "forgot password, sent": PageState("Look in your mail", "/forgot", host="with_mail", steps=ask_for_a_link),
    "reset": PageState("Set a new password", host="with_mail", link=purposes.RESET),
    "reset, weak password": PageState(
        "Set a new password", host="with_mail", link=purposes.RESET, steps=weak_reset_password
    ),
    "reset, done": PageState("Sign in", host="with_mail", link=purposes.RESET, steps=set_password),
    "confirm an address": PageState("Confirm your address", host="with_mail", link=purposes.CONFIRM_ADDRESS),
    "confirm an address, done": PageState(
        "Address confirmed", host="with_mail", link=purposes.CONFIRM_ADDRESS, steps=confirm_address
    ),
    "confirm an address, dead link": PageState("Link not valid", "/confirm-address?token=x"),
    "disown": PageState("This wasn’t you?", host="with_mail", link=purposes.DISOWN),  # noqa: RUF001
    "disown, done": PageState("Your account is safe", host="with_mail", link=purposes.DISOWN, steps=disown),
    "disown, dead link": PageState("Link not valid", "/disown?token=x"),
    "sign in, with mail": PageState("Sign in", "/login", host="with_mail"),
    "no token, with mail": PageState("Sign in to see the members page", "/members", host="with_mail"),
    "reset, dead link": PageState("Link not valid", "/reset?token=x"),
    "no token": PageState("Sign in to see the members page", "/members?x=" + "1" * 200, holder=TokenFault.MISSING),
    "expired token": PageState("Sign in to see the members page", "/members", holder=TokenFault.EXPIRED),
    "ended session": PageState("Sign in to see the members page", "/members", holder=TokenFault.ENDED),
    "signed in already": PageState("You are signed in as bob", "/login", holder="bob"),
    "forged token": PageState("Invalid token", "/members", holder=TokenFault.FORGED),
    "members": PageState("Members", "/members", holder="bob"),
    "another host": PageState("Wrong address", stranger=True),
    "not allowed": PageState("Not allowed", "/admin", holder="bob"),
    "not found": PageState("Page not found", "/nothing"),
    "not possible": PageState("Not supported", "/account/password"),
    "too large": PageState("Too large", "/login", steps=large_form),
}
ACCOUNT = {
    "account": PageState("Your pass", "/account", holder="bob"),
    "account of a long name": PageState("Your pass", "/account", holder="long_name"),
    "account of an admin": PageState("Your pass", "/account", holder="alice"),
    "account, pass that ends": PageState("Your pass", "/account", holder="bob", steps=last_half_hour),
    "account, pass that has ended": PageState("Your pass", "/account", holder="bob", steps=next_day),
    "account, its token": PageState("Your pass", "/account", holder="bob", steps=own_token),
    "settings": PageState("Account", "/account/settings", holder="bob"),
    "settings, wrong password": PageState("Account", "/account/settings", holder="bob", steps=wrong_current_password),
    "settings, weak password": PageState("Account", "/account/settings", holder="bob", steps=weak_new_password),
    "settings, rated": PageState("Account", "/account/settings", holder="bob", steps=rated_password),
    "deletion": PageState("Delete the account bob?", "/account/delete", holder="bob"),
    "deletion, wrong password": PageState(
        "Delete the account bob?", "/account/delete", holder="bob", steps=wrong_password_to_delete
    ),
    "lock": PageState("Lock your account?", "/account/lock", holder="bob"),
    "lock, last administrator": PageState(
        "You cannot lock your account", "/-/account/lock", holder="reader", host="with_site"
    ),
    "locked": PageState("Your account is locked", "/account/lock", holder="leaving", steps=lock),
    "sessions": PageState("Where you are signed in", "/account/sessions", holder="bob"),
    "session to revoke": PageState(
        re.compile("^Revoke .+\\?$"), "/account/sessions", holder="with_sessions", steps=revoke_a_session
    ),
    "sessions to revoke": PageState(
        "Revoke 2 other sessions?", "/account/sessions", holder="with_sessions", steps=revoke_other_sessions
    ),
    "tokens": PageState("Tokens for programs", "/account/tokens", holder="bob"),
    "tokens, one without a name": PageState(
        "Tokens for programs", "/account/tokens", holder="bob", steps=token_without_a_name
    ),
    "tokens, listed": PageState("Tokens for programs", "/account/tokens", holder="alice", steps=listed_token),
    "token to revoke": PageState("Revoke the token nightly?", "/account/tokens", holder="alice", steps=revoke_a_token),
    "own invitations": PageState(
        "Your invitations", "/account/invitations", holder="member", host="inviting", steps=invite_and_go_back
    ),
    "own events": PageState("What happened to your account", "/account/events", holder="bob"),
    "a token for programs": PageState("A token for nightly", "/account/tokens", holder="alice", steps=token),
    "password asked for": PageState("Confirm your password", "/account/tokens", holder="stale", steps=token),
    "password asked for, wrong": PageState(
        "Confirm your password", "/account/tokens", holder="stale", steps=token_with_a_wrong_password
    ),
}
LAB = {
    "open lab": PageState("Token lab", "/-/lab", host="with_site"),
    "attack gallery": PageState("Attack gallery", "/lab/attacks", holder="bob"),
    "attack gallery, all open": PageState("Attack gallery", "/lab/attacks", holder="bob", steps=open_all_attacks),
    "attack gallery, all tried": PageState("Attack gallery", "/lab/attacks", holder="bob", steps=run_all_attacks),
    "attack gallery, all tried and open": PageState(
        "Attack gallery", "/lab/attacks", holder="bob", steps=run_and_open_all_attacks
    ),
    "lab": PageState("Token lab", "/lab", holder="bob"),
    "lab, broken token": PageState("Token lab", "/lab", holder="bob", steps=broken_token),
    "lab, edited claims": PageState("Token lab", "/lab", holder="bob", steps=edited_claims),
    "lab, expired token": PageState("Token lab", "/lab", holder="bob", steps=expired_token),
    "lab, no token": PageState("Token lab", "/lab", holder="alice", steps=no_lab_token),
    "lab, key pair": PageState("Token lab", "/lab", holder="alice", steps=key_pair),
    "lab, two tokens": PageState("Token lab", "/lab", holder="bob", steps=compared_tokens),
    "lab, set clock": PageState("Token lab", "/lab", holder="bob", steps=set_lab_clock),
    "lab, key that does not fit": PageState("Token lab", "/lab", holder="bob", steps=unfitting_lab_key),
    "lab, wrong number": PageState("Token lab", "/lab", holder="bob", steps=wrong_lab_fields),
    "lab, weak key": PageState("Token lab", "/lab", holder="bob", steps=weak_lab_key),
}
ADMINISTRATION = {
    "accounts": PageState("Accounts", "/admin", holder="alice"),
    "accounts, nothing found": PageState("Accounts", "/admin?q=nobody-at-all", holder="alice"),
    "own account": PageState("alice", "/admin?q=alice", holder="alice", steps=own_account),
    "own account, malformed role": PageState("alice", "/admin?q=alice", holder="alice", steps=malformed_role),
    "other account": PageState("charlie", "/admin?q=charlie", holder="alice", steps=other_account),
    "other account, before it is deleted": PageState(
        "Delete charlie permanently?", "/admin?q=charlie", holder="alice", steps=delete_other_account
    ),
    "other account, before it is signed out": PageState(
        "Sign charlie out everywhere?", "/admin?q=charlie", holder="alice", steps=sign_out_other_account
    ),
    "other account, before it is disabled": PageState(
        "Disable charlie?", "/admin?q=charlie", holder="alice", steps=disable_other_account
    ),
    "everybody, before they are signed out": PageState(
        "Sign out everybody?", "/admin", holder="alice", steps=sign_out_everybody
    ),
    "account that is gone": PageState("No such account", "/admin/accounts/nobody", holder="alice"),
    "new account": PageState("Create an account", "/admin/accounts/new", holder="alice"),
    "new account, malformed name": PageState(
        "Create an account", "/admin/accounts/new", holder="alice", steps=malformed_name
    ),
    "invitations": PageState("Invitations", "/admin/invitations", holder="alice", steps=invite_and_go_back),
    "invitations, impossible name": PageState(
        "Invitations", "/admin/invitations", holder="alice", steps=invite_with_an_impossible_name
    ),
    "invitation, created": PageState(
        f"An invitation for {'x' * 32}", "/admin/invitations", holder="alice", steps=invite_a_long_name
    ),
    "invitation, opened": PageState(
        "alice invites you", "/admin/invitations", holder="alice", steps=open_an_invitation
    ),
    "invitation, weak password": PageState(
        "alice invites you", "/admin/invitations", holder="alice", steps=open_an_invitation_for_a_long_name
    ),
    "requests": PageState("Requests", "/admin/requests", holder="admin_of_requests", host="approving"),
    "requests, reject": PageState(
        "Reject erin?", "/admin/requests", holder="admin_of_requests", host="approving", steps=reject
    ),
    "guest link, dead": PageState("This link does not work", "/guest?code=x"),
    "guest links": PageState("Guest links", "/admin/guest-links", holder="admin_of_rules", host="with_rules"),
    "guest links, impossible address": PageState(
        "Guest links",
        "/admin/guest-links",
        holder="admin_of_rules",
        host="with_rules",
        steps=share_an_impossible_address,
    ),
    "no rules": PageState("Rules", "/admin/rules", holder="alice"),
    "rules": PageState("Rules", "/admin/rules", holder="admin_of_rules", host="with_rules"),
    "rules, one that decides": PageState(
        "Rules", "/admin/rules?url=docs.example.org/a.pdf&method=GET", holder="admin_of_rules", host="with_rules"
    ),
    "rules, why an account may not": PageState(
        "Rules",
        "/admin/rules?url=docs.example.org/a.pdf&method=GET&name=alice",
        holder="admin_of_rules",
        host="with_rules",
    ),
    "rules, an unknown account": PageState(
        "Rules",
        "/admin/rules?url=docs.example.org/a.pdf&method=GET&name=mallory",
        holder="admin_of_rules",
        host="with_rules",
    ),
    "rules, none that fits": PageState(
        "Rules", "/admin/rules", holder="admin_of_rules", host="with_rules", steps=unnamed_host
    ),
    "rules, an unclear address": PageState(
        "Rules", "/admin/rules", holder="admin_of_rules", host="with_rules", steps=unclear_address
    ),
    "rules, broken": PageState("Rules", "/admin/rules", holder="admin_of_broken_rules", host="broken"),
    "keys": PageState("Keys", "/admin/keys", holder="alice"),
    "key to drop": PageState(
        re.compile("^Drop key [0-9a-f]+\\?$"), "/admin/keys", holder="alice", steps=ask_to_drop_the_key
    ),
    "events": PageState("Events", "/admin/events", holder="alice"),
    "events, older ones": PageState("Events", "/admin/events?before=9&event=sign_in", holder="alice"),
    "events, wrong filter": PageState("Events", "/admin/events?account=nobody&address=x&since=x", holder="alice"),
    "reset link of an account": PageState(
        "A new password for alice", "/admin", holder="alice", steps=reset_own_password
    ),
    "mails": PageState("Mails", "/admin/mails", holder="admin_with_mail", host="with_mail"),
    "account with an address": PageState(
        "Account", "/account/settings", holder="admin_with_mail", host="with_mail", steps=enter_an_address
    ),
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


@pytest.fixture(scope="session")
def with_rules(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Server:
    """A server with rules, one of which can never apply."""
    return serve_with_rules(serve, tmp_path_factory.mktemp("rules") / "rules.toml", password_hash)


@pytest.fixture(scope="session")
def broken(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Server:
    """A server whose rules file became invalid after the server had read it."""
    file = tmp_path_factory.mktemp("broken") / "rules.toml"
    server = serve_with_rules(serve, file, password_hash)
    rules_page = bearer_header(server.sign_in("alice", PASSWORD))
    server.request("GET", "/admin/rules", rules_page)
    file.write_text(RULES_FILE + '[[rule]]\nhost = "x y"\nallow = "nobody"\n')
    past = file.stat().st_mtime - 10
    os.utime(file, (past, past))
    while "cannot be used" not in server.request("GET", "/admin/rules", rules_page).body:
        time.sleep(0.1)
    return server


def serve_with_rules(serve: Serve, file: Path, password_hash: str) -> Server:
    file.write_text(RULES_FILE)
    server = serve(DAYPASS_RULES=str(file), DAYPASS_BASE_URL=PUBLIC_URL)
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    return server


@pytest.fixture(scope="session")
def with_mail(serve: Serve, password_hash: str) -> Server:
    """A server with a mail server that is down."""
    server = serve(**mail_settings(free_port()), DAYPASS_BASE_URL=PUBLIC_URL)
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    return server


@pytest.fixture(scope="session")
def approving(serve: Serve, password_hash: str) -> Server:
    """A server where erin waits for approval."""
    server = serve(DAYPASS_SIGNUP="approve", DAYPASS_BASE_URL=PUBLIC_URL)
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    form = urlencode({"username": "erin", "password": PASSWORD}).encode()
    server.request("POST", "/signup", {"Content-Type": "application/x-www-form-urlencoded"}, form)
    return server


@pytest.fixture(scope="session")
def admin_of_requests(approving: Server) -> str:
    return approving.sign_in("alice", PASSWORD)


@pytest.fixture(scope="session")
def inviting(serve: Serve, password_hash: str) -> Server:
    """A server where members invite people."""
    server = serve(DAYPASS_SIGNUP="invite", DAYPASS_BASE_URL=PUBLIC_URL)
    in_a_thread(add_account, server, password_hash, "bob")
    return server


@pytest.fixture(scope="session")
def member(inviting: Server) -> str:
    return inviting.sign_in("bob", PASSWORD)


@pytest.fixture(scope="session")
def with_site(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Server:
    """A server with a static site and an open lab."""
    guide = tmp_path_factory.mktemp("site") / "guide"
    guide.mkdir()
    (guide / "index.html").write_text("<h1>Guide</h1>")
    server = serve(DAYPASS_SITE=str(guide.parent), DAYPASS_LAB="open", DAYPASS_BASE_URL=PUBLIC_URL)
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    return server


@pytest.fixture(scope="session")
def reader(with_site: Server) -> str:
    return with_site.sign_in("alice", PASSWORD)


@pytest.fixture(scope="session")
def with_sessions(server: Server) -> str:
    """An account that is signed in three times."""
    return [sign_up(server, "frank"), *(server.sign_in("frank", PASSWORD) for _ in range(2))][-1]


@pytest.fixture(scope="session")
def leaving(server: Server) -> str:
    """An account that one test locks."""
    return sign_up(server, "gwen")


@pytest.fixture(scope="session")
def admin_with_mail(with_mail: Server) -> str:
    return with_mail.sign_in("alice", PASSWORD)


@pytest.fixture(scope="session")
def admin_of_rules(with_rules: Server) -> str:
    return with_rules.sign_in("alice", PASSWORD)


@pytest.fixture(scope="session")
def admin_of_broken_rules(broken: Server) -> str:
    return broken.sign_in("alice", PASSWORD)


@pytest.fixture(scope="session")
def long_name(server: Server) -> str:
    return sign_up(server, LONGEST_NAME)


def mailed_link(server: Server, password_hash: str, purpose: str) -> str:
    """Path and query of a new link, as in a mail to an account of its own."""
    with app_on_database_of(server) as app:
        account_id = create_account(app, password_hash, f"mailed-{secrets.token_hex(4)}")
        with app.app_context():
            runtime, db = current_runtime(), current_db()
            with write_transaction(db):
                link_id = write_link(db, db.get_one(Account, account_id), purpose)
            url = signed_link(runtime.settings, runtime.keys.current(), purpose, account_id, link_id)
    return url.removeprefix(PUBLIC_URL)


def write_link(db: Session, account: Account, purpose: str) -> str:
    """Store what makes a link with this purpose valid; returns its id."""
    if purpose == purposes.RESET:
        return recovery.new_link(account)
    if purpose == purposes.CONFIRM_ADDRESS:
        email.request_change(db, account, f"{account.id}@example.org")
        return account.confirm_id or ""
    link_id = new_id()
    outbox.put(db, Kind.NEW_SIGN_IN, account.id, LONG_ADDRESS, link_id=link_id)
    return link_id


@pytest.fixture
def go(visit: Visit, request: pytest.FixtureRequest, password_hash: str) -> Callable[[PageState], Page]:
    """A function that opens a page, takes its steps and checks its heading.

    It starts only the servers that the page needs.
    """

    def token(holder: str) -> str | None:
        if holder in list(TokenFault):
            invalid: dict[TokenFault, str | None] = request.getfixturevalue("invalid_tokens")
            return invalid[TokenFault(holder)]
        return None if holder == "nobody" else request.getfixturevalue(holder)

    def go(state: PageState) -> Page:
        server: Server = request.getfixturevalue(state.host)
        url = server.url.replace("127.0.0.1", "stranger.localhost") if state.stranger else server.url
        page = visit(token(state.holder), url=url, reduced_motion="reduce")
        path = state.path.replace("CODE", server.setup_link.partition("=")[2]) if "CODE" in state.path else state.path
        if state.link:
            path = in_a_thread(mailed_link, server, password_hash, state.link)
        page.goto(path)
        state.steps(page)
        expect_heading(page, state.heading)
        return page

    return go


class Accessible:
    """The test of one group of states.

    Each group is a class, so that pytest-xdist can distribute them.
    """

    states: dict[str, PageState]

    def test_page_is_accessible(self, go: Callable[[PageState], Page], state: PageState) -> None:
        page = go(state)
        assert_no_violations(page, "dark", 320)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        assert_no_violations(page, "light", 1280)


class TestPublicPages(Accessible):
    states = PUBLIC


class TestAccountPages(Accessible):
    states = ACCOUNT


class TestLabPages(Accessible):
    states = LAB


class TestAdministrationPages(Accessible):
    states = ADMINISTRATION


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the test of each class in each of its states."""
    states = metafunc.cls.states
    metafunc.parametrize("state", states.values(), ids=states)


def assert_no_violations(page: Page, scheme: Literal["light", "dark"], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    loaded = page.evaluate("'axe' in window")
    result = Axe("" if loaded else AXE_SCRIPT).run(page, options=RULES)  # parsing the script takes half of the time
    assert result.violations_count == 0, f"{scheme}, {width} px: {result.generate_report()}"
