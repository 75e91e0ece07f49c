"""The page with which administrators create, list and revoke guest links."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from daypass import maintenance
from daypass.guest_links import links
from daypass.web.context import current_db
from tests.conftest import PAGE, Person
from tests.helpers.guest_links import LOGIN, age, code_in, new_code, open_link, show, stored

pytestmark = pytest.mark.each_database

SignIn = Callable[..., Person]
RULES = """
[[rule]]
host = "docs.example.org"
path = "/news"
allow = "public"

[[rule]]
host = "docs.example.org"
allow = { roles = ["reader"] }

[[rule]]
host = "far.example"
allow = "signed-in"
"""


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    (tmp_path / "rules.toml").write_text(RULES)
    return environ | {
        "DAYPASS_RULES": str(tmp_path / "rules.toml"),
        "DAYPASS_BASE_URL": "https://login.example.org",
        "DAYPASS_COOKIE_DOMAIN": "example.org",
    }


@pytest.fixture
def alice(sign_in: SignIn) -> Person:
    person = sign_in("alice", ["admin"])
    person.client.set_cookie("__Secure-daypass", person.token, domain="login.example.org", secure=True)
    return person


def get(person: Person, path: str) -> TestResponse:
    return person.client.get(path, base_url=LOGIN, headers=PAGE)


def post(person: Person, path: str, data: dict[str, str] | None = None) -> TestResponse:
    return person.client.post(path, base_url=LOGIN, headers=PAGE, data=data)


def share(person: Person, url: str = "https://docs.example.org/plans/", **fields: str) -> TestResponse:
    data = {"url": url, "label": "Draft", "days": "7"} | fields
    return post(person, "/admin/guest-links", data)


def listed(person: Person) -> str:
    return get(person, "/admin/guest-links").text


def test_an_administrator_creates_a_link_that_is_shown_once(app: Flask, alice: Person) -> None:
    response = share(alice)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    code = code_in(response.text)
    assert code not in listed(alice)
    [link] = stored(app)
    assert (link.host, link.path, link.label) == ("docs.example.org", "/plans/", "Draft")
    assert link.creator_id == alice.claims.subject
    left = link.expires_at - link.created_at
    assert timedelta(days=7) - timedelta(minutes=1) < left < timedelta(days=7) + timedelta(minutes=1)
    assert show(app.test_client(), code).status_code == 200


def test_the_link_is_short_and_on_the_host_of_daypass(alice: Person) -> None:
    page = share(alice).text
    link = f"https://login.example.org/guest?code={code_in(page)}"
    assert link in page
    assert len(link) < 78


def test_the_path_is_stored_as_the_rules_see_it(app: Flask, alice: Person) -> None:
    share(alice, "docs.EXAMPLE.org:443/pl%61ns/ü b?x=1#top")
    [link] = stored(app)
    assert (link.host, link.path) == ("docs.example.org", "/plans/ü b")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "Enter the address of the page."),
        ("https://docs.example.org/a/../b", "refused for everybody"),
        ("https://docs.example.org/%2e%2e/b", "refused for everybody"),
        ("javascript:alert(1)", "refused for everybody"),
        ("https://docs.example.org/" + "a" * 1024, "longer than 1024 characters"),
        ("https://docs.example.org/" + "a" * 20_000, "longer than 8192 characters"),
        ("https://docs.example.org/news/today", "This page is public"),
        ("https://unknown.example.org/", "No rule names the host unknown.example.org"),
        ("https://login.example.org/admin/accounts", "This is a page of Daypass, or of the app that it is part of."),
        ("https://far.example/", "browsers send it no cookie"),
    ],
)
def test_an_address_that_no_link_can_open_is_refused_in_words(
    app: Flask, alice: Person, url: str, problem: str
) -> None:
    response = share(alice, url)
    assert response.status_code == 422
    assert problem in response.text
    assert stored(app) == []


@pytest.mark.parametrize(
    "fields",
    [{"label": ""}, {"label": "x" * 65}, {"label": "a\x00b"}, {"days": "0"}, {"days": "91"}, {"days": "x"},
     {"until": "tomorrow"}, {"until": "2020-01-01"}, {"until": "9999-12-31"}, {"until": "2026-02-30"}],
    ids=str,
)  # fmt: skip
def test_other_wrong_values_are_refused_in_words(app: Flask, alice: Person, fields: dict[str, str]) -> None:
    response = share(alice, **fields)
    assert response.status_code == 422
    assert 'class="field-error"' in response.text
    assert stored(app) == []


def test_a_link_may_end_with_a_day(app: Flask, alice: Person) -> None:
    day = (datetime.now(UTC) + timedelta(days=20)).date()
    share(alice, until=day.isoformat())
    [link] = stored(app)
    assert link.expires_at.date() == day + timedelta(days=1)
    too_far = (datetime.now(UTC) + timedelta(days=links.MAX_DAYS)).date()
    assert "at most 90 days ahead" in share(alice, until=too_far.isoformat()).text


def test_what_others_typed_is_escaped(app: Flask, alice: Person) -> None:
    share(alice, "https://docs.example.org/<b>x", label="<script>alert(1)</script>")
    page = listed(alice)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>x" not in page
    assert "<script>alert" not in page


def test_the_list_names_the_creator_the_end_and_the_last_use(app: Flask, alice: Person) -> None:
    code = new_code(app, "docs.example.org", "/plans/", alice.claims.subject)
    assert "Never" in listed(alice)
    open_link(app.test_client(), code)
    page = listed(alice)
    assert "Never" not in page
    assert "docs.example.org/plans/" in page
    age(app, timedelta(days=2))
    assert "Expired" in listed(alice)


def test_a_link_is_revoked_after_a_page_that_says_so(
    app: Flask, alice: Person, events: Callable[[], list[dict[str, str]]]
) -> None:
    code = new_code(app, "docs.example.org", "/plans/")
    [link] = stored(app)
    confirm = get(alice, f"/admin/guest-links/{link.id}/revoke")
    assert "Revoke the link “Draft”?" in confirm.text
    assert "docs.example.org/plans/" in confirm.text
    assert stored(app) != []
    response = post(alice, f"/admin/guest-links/{link.id}/revoke")
    assert response.status_code == 303
    assert "was revoked" in get(alice, response.location).text
    assert stored(app) == []
    assert show(app.test_client(), code).status_code == 410
    [event] = [event for event in events() if event["event"] == "guest_link_revoked"]
    assert (event["by"], event["host"], event["page"]) == (alice.claims.subject, "docs.example.org", "/plans/")


def test_a_link_that_is_gone_cannot_be_revoked(alice: Person) -> None:
    for request in (get, post):
        response = request(alice, f"/admin/guest-links/{'0' * 32}/revoke")
        assert response.status_code == 404
        assert "There is no such guest link any more" in response.text


def test_each_administrator_has_a_hundred_links(app: Flask, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MAX_PER_CREATOR", 2)
    assert [share(alice).status_code for _ in range(3)] == [200, 200, 409]
    age(app, timedelta(days=8))
    assert share(alice).status_code == 200


def test_expired_links_are_deleted_after_a_week(app: Flask) -> None:
    new_code(app, "docs.example.org", "/plans/", expires_in=timedelta(days=1))
    for days, left in ((7, 1), (2, 0)):
        age(app, timedelta(days=days))
        with app.app_context():
            maintenance._prune_by_database_time(links.prune, current_db())
            current_db().commit()
        assert len(stored(app)) == left


def test_the_rules_page_links_to_the_guest_links(alice: Person) -> None:
    assert 'href="/admin/guest-links"' in get(alice, "/admin/rules").text


def test_events_do_not_contain_the_code(app: Flask, alice: Person, events: Callable[[], list[dict[str, str]]]) -> None:
    code = code_in(share(alice).text)
    show(app.test_client(), code)
    open_link(app.test_client(), code)
    names = [event["event"] for event in events()]
    assert names.count("guest_link_created") == names.count("guest_link_opened") == 1
    assert code not in str(events())
