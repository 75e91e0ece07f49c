"""The events pages: filters, pages, plots and downloads for administrators; everybody's own events."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.audit import chain, queries
from daypass.audit.entry import Entry, Outcome
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from daypass.web.template_filters import pass_number
from tests.conftest import PAGE, PASSWORD, Person

pytestmark = pytest.mark.each_database

Add = Callable[..., None]


@pytest.fixture
def add(app: Flask) -> Add:
    """Store an event that happened some time ago."""
    runtime: Runtime = app.extensions["daypass"]

    def add(
        event: Event, outcome: Outcome = "success", *, ago: timedelta = timedelta(0), count: int = 1, **facts: str
    ) -> None:
        entry = Entry(datetime.now(UTC) - ago, event, outcome, facts, count)
        with runtime.session_factory() as db, write_transaction(db):
            chain.append(db, [entry.row()], runtime.settings.secret_keys)

    return add


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice", ["admin"])


def shown(client: FlaskClient, path: str, status: int = 200) -> list[str]:
    """The cells of the table of events, row by row, without markup."""
    response = client.get(path, headers=PAGE)
    assert response.status_code == status, response.text
    table = re.search(r'<table class="table table--events".*?</table>', response.text, re.DOTALL)
    rows = re.findall(r'<tr role="row">(.*?)</tr>', table[0] if table else "", re.DOTALL)[1:]
    return [" ".join(re.sub(r"<.*?>", " ", row).split()) for row in rows]


def test_an_administrator_sees_who_did_what_from_where(
    client: FlaskClient, alice: Person, add_account: Callable[..., str]
) -> None:
    bob = add_account("bob")
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
    client.post("/login", json={"username": "bob", "password": PASSWORD}, headers=headers)
    alice.client.post(f"/admin/accounts/{bob}/disable", headers=PAGE)
    newest, oldest = shown(alice.client, "/admin/events")
    assert newest.startswith("Account disabled")
    assert ("bob" in newest, "by alice" in newest) == (True, True)
    assert oldest.startswith("Signed in")
    assert ("bob" in oldest, "127.0.0.1 Firefox on Linux" in oldest) == (True, True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["c", "b", "a"]),
        ("event=sign_in", ["b", "a"]),
        ("outcome=failure", ["c", "b"]),
        ("account=bob", ["b"]),
        ("account=%20BOB%20", ["b"]),
        ("account=ffffffffffffffffffffffffffffffff", ["c"]),
        ("address=192.0.2.2", ["b"]),
        ("address=2001:DB8:0::1", ["c"]),
        ("event=sign_in&outcome=failure&address=192.0.2.1", []),
        ("since=DAY1", ["c"]),
        ("until=DAY2", ["b", "a"]),
        ("since=DAY2&until=DAY2", ["b"]),
        ("event=nonsense", []),
    ],
)
def test_the_filters_choose_events(
    alice: Person, sign_in: Callable[..., Person], add: Add, query: str, found: list[str]
) -> None:
    bob = sign_in("bob").claims.subject
    days = [timedelta(days=number) for number in (5, 2, 0)]
    add(Event.SIGN_IN, ago=days[0], address="192.0.2.1", reason="a")
    add(Event.SIGN_IN, "failure", ago=days[1], account=bob, address="192.0.2.2", reason="b")
    add(Event.ROLE_MISSING, "failure", ago=days[2], account="f" * 32, address="2001:db8::1", reason="c")
    for number in (1, 2):
        query = query.replace(f"DAY{number}", f"{datetime.now(UTC) - timedelta(days=number):%Y-%m-%d}")
    rows = shown(alice.client, f"/admin/events?{query}")
    assert [re.search(r"\b([abc])( by .*)?$", row)[1] for row in rows] == found  # type: ignore[index]


@pytest.mark.parametrize(
    "query", ["event=%00", "before=99999999999999999999", "before=-1", "before=x", "before=%D9%A1", "since=9999-12-31"]
)
def test_no_filter_is_a_server_error(alice: Person, add: Add, query: str) -> None:
    add(Event.SIGN_IN)
    for path in ("/admin/events", "/admin/events/csv", "/account/events"):
        assert alice.client.get(f"{path}?{query}", headers=PAGE).status_code in (200, 400)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("account=nobody", "There is no account with this name."),
        ("account=é", "There is no account with this name."),
        ("address=x", "Enter an address such as 192.0.2.7."),
        ("since=yesterday", "Enter a date such as 2026-11-23."),
        ("until=2026-13-45", "Enter a date such as 2026-11-23."),
    ],
)
def test_a_filter_that_means_nothing_is_an_error_at_its_field(alice: Person, query: str, message: str) -> None:
    response = alice.client.get(f"/admin/events?{query}", headers=PAGE)
    assert (response.status_code, message in response.text) == (422, True)
    assert 'aria-invalid="true"' in response.text
    assert alice.client.get(f"/admin/events/csv?{query}").status_code == 400


@pytest.mark.parametrize("path", ["/admin/events", "/account/events"])
def test_every_event_is_on_one_page(alice: Person, add: Add, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    for module in ("events", "own_events"):
        monkeypatch.setattr(f"daypass.web.pages.{module}.PAGE_SIZE", 3)
    for number in range(7):
        add(Event.SIGN_IN, account=alice.claims.subject, reason=f"r{number}")
    found, next_path, pages = [], f"{path}?", 0
    while next_path:
        pages += 1
        found += [re.findall(r"r\d", row)[0] for row in shown(alice.client, next_path)]
        link = re.search(r'href="([^"]*)">Older events', alice.client.get(next_path, headers=PAGE).text)
        next_path = link[1].replace("&amp;", "&") if link else ""
    assert (found, pages) == ([f"r{number}" for number in reversed(range(7))], 3)


def test_the_links_keep_the_filter(alice: Person, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daypass.web.pages.events.PAGE_SIZE", 1)
    for _ in range(2):
        add(Event.SIGN_IN, account=alice.claims.subject)
    text = alice.client.get("/admin/events?account=alice&event=sign_in", headers=PAGE).text
    assert re.search(r'href="/admin/events\?before=2&amp;event=sign_in&amp;account=alice">Older', text)
    assert re.search(r'href="/admin/events/csv\?event=sign_in&amp;account=alice"', text)


def test_the_plot_has_the_numbers_of_each_hour_and_day(alice: Person, add: Add) -> None:
    add(Event.SIGN_IN, ago=timedelta(hours=30))
    add(Event.SIGN_IN)
    add(Event.SIGN_OUT)
    add(Event.TOKEN_REFUSED, "failure", count=1234)
    add(Event.SIGN_IN, ago=timedelta(days=40))
    text = alice.client.get("/admin/events", headers=PAGE).text
    now, before = datetime.now(UTC), datetime.now(UTC) - timedelta(hours=30)
    for moment, numbers in ((now, ("1", "1,234")), (before, ("1", "0"))):
        for form in ("%Y-%m-%d %H:00", "%Y-%m-%d"):
            row = f'<th scope="row">{moment.strftime(form)}</th><td>{numbers[0]}</td><td>{numbers[1]}</td>'
            assert row in text or moment.hour != (moment + timedelta(seconds=30)).hour
    assert text.count('<rect class="bar-sign-ins"') == 4
    assert text.count('<rect class="bar-refusals"') == 2
    assert "style=" not in text


def test_plots_and_filter_are_above_the_newest_events_only(
    alice: Person, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daypass.web.pages.events.PAGE_SIZE", 1)
    for _ in range(2):
        add(Event.SIGN_IN, account=alice.claims.subject)
    newest = alice.client.get("/admin/events?account=alice", headers=PAGE).text
    older = alice.client.get("/admin/events?account=alice&before=2", headers=PAGE).text
    for part in ('class="event-plot"', 'class="event-filter"'):
        assert (part in newest, part in older) == (True, False)
    assert 'above <a href="/admin/events?account=alice">the newest events</a>' in older


def test_a_wrong_filter_is_shown_with_older_events(alice: Person) -> None:
    response = alice.client.get("/admin/events?address=x&before=2", headers=PAGE)
    assert (response.status_code, 'class="event-filter"' in response.text) == (422, True)


def test_a_plot_says_the_scale_of_each_half(alice: Person, add: Add) -> None:
    add(Event.SIGN_IN)
    add(Event.TOKEN_REFUSED, "failure", count=1234)
    text = alice.client.get("/admin/events", headers=PAGE).text
    assert "sign-ins, the highest bar is 1 per hour. Below it: refusals, the highest bar is 1,234." in text
    assert text.count("Each half has its own scale.") == 2


def test_an_empty_trail_is_said_to_be_empty(alice: Person) -> None:
    text = alice.client.get("/admin/events", headers=PAGE).text
    assert ("No events match." in text, "Nothing happened in this time." in text) == (True, True)
    assert "No events are stored." in alice.client.get("/account/events", headers=PAGE).text


class TestDownloads:
    """The rows of a filter as CSV and as JSON lines."""

    def test_both_have_every_row_of_the_filter(self, alice: Person, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries, "BATCH", 3)
        add(Event.SIGN_OUT)
        for number in range(7):
            add(Event.SIGN_IN, account=alice.claims.subject, address="192.0.2.1", reason=f"r{number}", count=2)
        as_csv = alice.client.get("/admin/events/csv?event=sign_in")
        as_json = alice.client.get("/admin/events/jsonl?event=sign_in")
        assert as_csv.headers["Content-Disposition"] == 'attachment; filename="events.csv"'
        assert as_csv.headers["Cache-Control"] == as_json.headers["Cache-Control"] == "no-store"
        rows = list(csv.DictReader(io.StringIO(as_csv.text)))
        lines = [json.loads(line) for line in as_json.text.splitlines()]
        assert [json.loads(row["facts"])["reason"] for row in rows] == [f"r{number}" for number in range(7)]
        assert [line["facts"]["reason"] for line in lines] == [f"r{number}" for number in range(7)]
        assert (rows[0]["account_name"], rows[0]["count"], rows[0]["address"]) == ("alice", "2", "192.0.2.1")
        assert (lines[0]["account"], lines[0]["count"]) == (alice.claims.subject, 2)

    def test_a_name_that_begins_like_a_formula_is_not_run(
        self, alice: Person, sign_in: Callable[..., Person], add: Add
    ) -> None:
        add(Event.SIGN_IN, account=sign_in("-1.1").claims.subject, reason='=cmd|"/c calc"!A0')
        (row,) = csv.DictReader(io.StringIO(alice.client.get("/admin/events/csv").text))
        assert row["account_name"] == "'-1.1"
        assert all(not value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())

    def test_no_download_has_the_id_of_a_session(self, alice: Person, add: Add) -> None:
        add(Event.SIGN_IN, session=alice.claims.session_id)
        for kind in ("csv", "jsonl"):
            text = alice.client.get(f"/admin/events/{kind}").text
            assert alice.claims.session_id not in text
            assert pass_number(alice.claims.session_id) in text

    def test_there_are_no_other_formats(self, alice: Person) -> None:
        assert alice.client.get("/admin/events/xlsx").status_code == 404


class TestOwnEvents:
    """Everybody sees the events of their own account, and no others."""

    def test_only_own_events_are_shown(self, alice: Person, sign_in: Callable[..., Person], add: Add) -> None:
        bob, charlie = sign_in("bob"), sign_in("charlie")
        add(Event.SIGN_IN, account=charlie.claims.subject, reason="of charlie", address="203.0.113.3")
        add(Event.TOKEN_REFUSED, "failure", reason="of nobody")
        add(Event.SIGN_IN, "failure", account=bob.claims.subject, reason="wrong password", address="203.0.113.2")
        add(Event.ACCOUNT_DISABLED, account=charlie.claims.subject, by=alice.claims.subject)
        rows = shown(bob.client, "/account/events")
        assert len(rows) == 1
        assert ("Sign-in failed" in rows[0], "203.0.113.2" in rows[0]) == (True, True)
        (own_act,) = shown(alice.client, "/account/events")
        assert (own_act.startswith("Account disabled"), own_act.endswith("charlie")) == (True, True)
        assert len(shown(charlie.client, "/account/events")) == 2

    @pytest.mark.parametrize("query", ["account=charlie", "concerns=x", "before=99", "event=sign_in&outcome=failure"])
    def test_no_filter_shows_those_of_others(self, sign_in: Callable[..., Person], add: Add, query: str) -> None:
        add(Event.SIGN_IN, account=sign_in("charlie").claims.subject)
        assert shown(sign_in("bob").client, f"/account/events?{query}") == []

    def test_what_an_administrator_did_does_not_show_who_and_from_where(
        self, alice: Person, sign_in: Callable[..., Person], add: Add
    ) -> None:
        bob = sign_in("bob")
        facts = {"address": "192.0.2.44", "user_agent": "Secret/1", "path": "/admin/secret"}
        add(Event.SESSIONS_ENDED, account=bob.claims.subject, by=alice.claims.subject, **facts)
        add(Event.PASSWORD_SET, account=bob.claims.subject, by="terminal")
        by_terminal, by_admin = shown(bob.client, "/account/events")
        assert by_terminal.endswith("by the command line")
        assert by_admin.endswith("by an administrator")
        page = bob.client.get("/account/events", headers=PAGE).text
        assert not any(fact in page for fact in ("alice", alice.claims.subject, *facts.values()))

    def test_hostile_text_is_escaped(self, alice: Person, add: Add) -> None:
        add(Event.CROSS_SITE_REFUSED, "failure", account=alice.claims.subject, reason="<script>alert(1)</script>")
        for path in ("/admin/events", "/account/events"):
            assert "<script>alert" not in alice.client.get(path, headers=PAGE).text


@pytest.mark.parametrize("path", ["/admin/events", "/admin/events/csv", "/admin/events/jsonl"])
def test_only_administrators_see_all_events(
    client: FlaskClient, sign_in: Callable[..., Person], alice: Person, path: str
) -> None:
    bob = sign_in("bob")
    assert client.get(path).status_code == 401
    assert bob.client.get(path).status_code == 403
    assert client.get(path, headers=bob.bearer_header).status_code == 403
    assert alice.client.get(path).status_code == 200


def test_both_pages_are_linked_where_people_look(alice: Person) -> None:
    assert 'href="/admin/events"' in alice.client.get("/admin", headers=PAGE).text
    assert 'href="/account/events"' in alice.client.get("/account", headers=PAGE).text
