"""Five tasks from nothing, counted in pages, fields and clicks: no more than docs/five-tasks.md says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header
from tests.integration.browser.conftest import Visit, expect_heading, fill_in, in_a_thread, status
from tests.integration.browser.counting import Person, Task, documented, documented_rules

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)

pytestmark = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Server]:
    """A server without accounts, with a folder whose plans are for staff."""
    plans = tmp_path / "public" / "plans"
    plans.mkdir(parents=True)
    (plans / "index.html").write_text("<!doctype html><title>Plans</title><h1>Plans of this year</h1>")
    (plans.parent / "index.html").write_text("<!doctype html><title>Handbook</title><h1>Handbook</h1>")
    (tmp_path / "rules.toml").write_text(documented_rules())
    site, rules = str(plans.parent), str(tmp_path / "rules.toml")
    with running(tmp_path, DAYPASS_SITE=site, DAYPASS_RULES=rules, DAYPASS_WORKERS="1") as server:
        yield server


@pytest.fixture
def with_two(new_server: Server, password_hash: str) -> Server:
    """The same with two accounts: alice, the administrator, and bob."""
    in_a_thread(add_account, new_server, password_hash, "alice", ["admin"])
    in_a_thread(add_account, new_server, password_hash, "bob")
    return new_server


def finish(task: Task, title: str) -> None:
    """Compare what was counted with the document, and print it with the seconds."""
    print(f"{title}: {task.count}, {task.seconds():.1f} s")
    assert not task.count.exceeds(documented()[title]), task.count


def sign_in(person: Person, server: Server, name: str) -> None:
    """Start from the page “Your pages” of somebody who is not signed in."""
    person.page.goto(f"{server.prefix}/")
    person.click(person.page.get_by_role("main").get_by_role("link", name="Sign in"))
    expect_heading(person.page, "Sign in to see your pages")
    person.fill(name=name, password=PASSWORD)
    person.press("Sign in")
    expect_heading(person.page, "Your pages")


def refused_page(visit: Visit, server: Server, name: str) -> Page:
    """A browser in which this account asks for the plans, and may not see them."""
    page = visit(url=server.url)
    page.goto("/plans/")
    fill_in(page, "Sign in", name=name, password=PASSWORD)
    expect_heading(page, "Not allowed")
    return page


def test_a_folder_is_protected_and_a_colleague_invited(new_server: Server, visit: Visit, scripts: bool) -> None:
    pages = [visit(url=new_server.url, java_script_enabled=scripts) for _ in range(2)]
    task = Task()
    alice, bob = map(task.person, pages)
    alice.page.goto(new_server.setup_link)
    alice.fill(name="alice", password=PASSWORD)
    alice.press("Create administrator account")
    alice.follow("Invite people")
    alice.fill(name="bob")
    alice.click(alice.page.get_by_role("checkbox", name="staff"))
    alice.press("Create the link")
    bob.page.goto(alice.copy("#link"))
    bob.fill(password=PASSWORD)
    bob.press("Create account")
    bob.follow("Plans")
    expect_heading(bob.page, "Plans of this year")
    finish(task, "Protect a folder and invite a colleague")


def test_a_lost_phone_is_revoked(with_two: Server, visit: Visit, scripts: bool) -> None:
    phone = visit(url=with_two.url, user_agent=PHONE)
    phone.goto("/")
    fill_in(phone, "Sign in", name="bob", password=PASSWORD)
    page, task = visit(url=with_two.url, java_script_enabled=scripts), Task()
    bob = task.person(page)
    sign_in(bob, with_two, "bob")
    bob.follow("Sessions")
    bob.click(page.get_by_role("link", name="Revoke Safari on iOS"))
    bob.press("Revoke this session")
    expect(page.get_by_role("status").first).to_contain_text("The session was revoked.")
    finish(task, "Revoke a lost phone")
    assert status(phone.reload()) == 401


def test_a_role_is_given(with_two: Server, visit: Visit, scripts: bool) -> None:
    refused = refused_page(visit, with_two, "bob")
    page, task = visit(url=with_two.url, java_script_enabled=scripts), Task()
    alice = task.person(page)
    sign_in(alice, with_two, "alice")
    alice.follow("Admin")
    alice.click(page.get_by_role("link", name="bob", exact=True))
    alice.click(page.get_by_role("checkbox", name="staff"))
    alice.press("Add roles")
    expect(page.get_by_role("status").first).to_contain_text("bob now has the role staff.")
    finish(task, "Give a role")
    refused.reload()
    fill_in(refused, "Sign in", name="bob", password=PASSWORD)
    expect_heading(refused, "Plans of this year")


def test_it_is_found_out_why_somebody_may_not_see_a_page(with_two: Server, visit: Visit, scripts: bool) -> None:
    address = refused_page(visit, with_two, "bob").url
    page, task = visit(url=with_two.url, java_script_enabled=scripts), Task()
    alice = task.person(page)
    sign_in(alice, with_two, "alice")
    alice.follow("Admin")
    alice.follow("Rules")
    alice.fill(address=address, account="bob")
    alice.press("Show who may see it")
    answer = page.get_by_role("status")
    expect(answer).to_contain_text("bob may not see it: bob has no roles.")
    expect(answer).to_contain_text("Role staff may see it.")
    finish(task, "Find out why somebody may not see a page")
    answer.get_by_role("link", name="Go to the account bob").click()
    expect_heading(page, "bob")
    page.get_by_role("link", name="What bob may see, and why").click()
    expect(page.get_by_label("Account", exact=True)).to_have_value("bob")


def test_a_token_for_a_script_is_made(with_two: Server, visit: Visit, scripts: bool) -> None:
    page, task = visit(url=with_two.url, java_script_enabled=scripts), Task()
    bob = task.person(page)
    sign_in(bob, with_two, "bob")
    bob.follow("Your pass")
    bob.follow("Tokens")
    bob.fill(name="nightly report")
    bob.press("Create token")
    token = bob.copy(".token")
    finish(task, "Make a token for a script")
    assert with_two.request("GET", "/-/api/me", bearer_header(token)).json()["name"] == "bob"
