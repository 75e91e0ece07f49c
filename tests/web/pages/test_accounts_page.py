"""The list of accounts as administrators see it."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask

from daypass.accounts.listing import PAGE_SIZE
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import PAGE, Person


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice", ["admin"])


def get(person: Person, url: str = "/admin") -> str:
    response = person.client.get(url, headers=PAGE)
    assert response.status_code == 200
    return response.text


def listed(page: str) -> list[str]:
    return re.findall(r'<a href="/admin/accounts/[0-9a-f]{32}">([^<]*)</a>', page)


def test_the_address_above_an_account_leads_to_the_list(alice: Person, sign_in: Callable[..., Person]) -> None:
    response = alice.client.get("/admin/accounts", headers=PAGE)
    assert (response.status_code, response.location) == (308, "/admin")
    assert sign_in("mallory").client.get("/admin/accounts", headers=PAGE).status_code == 403


def link(page: str, text: str) -> str:
    """The URL of the link with this text."""
    found = re.search(rf'href="([^"]*)"[^>]*>{text}', page)
    assert found, text
    return html.unescape(found[1])


def add_people(app: Flask, count: int) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        db.add_all(Account(name=f"person{number:03}", password_hash="x", roles=[]) for number in range(count))


@pytest.mark.parametrize("sort", ["name", "-name", "created", "-created", "seen", "-seen"])
def test_links_lead_through_all_pages_in_every_order(app: Flask, alice: Person, sort: str) -> None:
    add_people(app, 2 * PAGE_SIZE)
    first = get(alice, f"/admin?sort={sort}")
    second = get(alice, link(first, "Next page"))
    third = get(alice, link(second, "Next page"))
    assert "Next page" not in third
    assert len({*listed(first), *listed(second), *listed(third)}) == 2 * PAGE_SIZE + 1
    assert listed(get(alice, link(third, "First page"))) == listed(first)


def test_the_header_that_sorts_says_so_and_reverses_the_order(app: Flask, alice: Person) -> None:
    add_people(app, 2)
    page = get(alice)
    assert page.count('aria-sort="ascending"') == 1
    reversed_page = get(alice, link(page, "Name"))
    assert listed(reversed_page) == listed(page)[::-1]
    assert reversed_page.count('aria-sort="descending"') == 1


def test_a_filter_is_kept_by_headers_and_pages(app: Flask, alice: Person) -> None:
    add_people(app, PAGE_SIZE + 1)
    page = get(alice, "/admin?list=unseen")
    assert "alice" not in listed(page), "she has a session"
    assert listed(get(alice, link(page, "Next page"))) == [f"person{PAGE_SIZE:03}"]
    assert "list=unseen" in link(page, "Created")


def test_roles_in_use_can_be_chosen(alice: Person, add_account: Callable[..., str]) -> None:
    add_account("bob", ["editor"])
    assert '<option value="role:editor">editor</option>' in get(alice)
    assert listed(get(alice, "/admin?list=role:editor")) == ["bob"]
    assert listed(get(alice, "/admin?list=role:admin")) == ["alice"]


def test_a_search_goes_through_all_accounts_and_is_shown_again(alice: Person, add_account: Callable[..., str]) -> None:
    add_account("bob")
    page = get(alice, "/admin?q=+BO&list=disabled")
    assert listed(page) == ["bob"]
    assert 'value="bo"' in page
    assert "No name or address begins like this." in get(alice, "/admin?q=nobody")


@pytest.mark.parametrize(
    "query",
    [
        "sort=x", "list=x", "list=role:", "list=role:%22", "list=address", "after=%00", "after=x&at=x&sort=seen",
        "after=x&at=9999-99-99&sort=created", "q=%3Cscript%3E", "q=%25", "at=1", "after=%F0%9F%98%80",
        "after=x&at=2026-01-01T00:00:00%2B14:00&sort=seen",
    ],
)  # fmt: skip
@pytest.mark.each_database
def test_a_malformed_query_is_no_error(alice: Person, query: str) -> None:
    response = alice.client.get(f"/admin?{query}", headers=PAGE)
    assert response.status_code in (200, 400)
    assert "<script>" not in response.text.partition("<main")[2]


def test_signing_out_everybody_is_explained_first_and_leads_to_the_form(alice: Person) -> None:
    page = get(alice, "/admin/sign-out-everybody")
    assert "including yours" in page
    response = alice.client.post("/admin/sign-out-everybody", headers=PAGE)
    assert (response.status_code, response.location) == (303, "/login?next=/admin")
    form = alice.client.get(response.location, headers=PAGE)
    assert (form.status_code, "by an administrator" in form.text) == (200, True)
