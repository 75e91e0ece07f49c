"""The number of queries of a page, which does not depend on the number of rows that it shows.

On SQLite only: on PostgreSQL, a request now and then asks whether anything has changed.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from daypass.accounts import invitations, requests
from daypass.accounts.invitations import Terms
from daypass.audit.events import Event
from daypass.database.models import Mail
from daypass.database.transactions import write_transaction
from daypass.guest_links import links
from daypass.guest_links.links import Terms as GuestLinkTerms
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.net.request_target import RequestTarget
from daypass.runtime import Runtime
from daypass.sessions import lifecycle
from daypass.settings.sign_up import SignUp
from daypass.web.context import current_db
from tests.conftest import PAGE, SECRET_KEY, Person, new_session
from tests.helpers.example_rules import RULES
from tests.helpers.gated_routes import gated_routes
from tests.helpers.statements import counted_statements

QUERIES = ("", "?event=sign_in", "?account=alice", "?url=https://docs.example.org/a.pdf")


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return environ | {"DAYPASS_RULES": str(path), "DAYPASS_SIGNUP": "invite"}


def add_rows(app: Flask, alice: Person, add_account: Callable[..., str], names: list[str]) -> None:
    """Add an account of each name with sessions, and as many rows of every other kind that pages list."""
    runtime: Runtime = app.extensions["daypass"]
    for name in names:
        account_id = add_account(name)
        new_session(app, account_id)
        new_session(app, alice.claims.subject)
        ended = new_session(app, alice.claims.subject)[0]
        with app.app_context(), write_transaction(current_db()) as db:
            lifecycle.end(db, ended.session_id, "ended_by_owner")
            rotation.rotate(db, signing_key.generate(Algorithm.HS256), SECRET_KEY)
            requests.create(db, f"request-{name}", "x")
            links.create(db, alice.claims.subject, guest_link_terms())
            invitations.create(db, alice.claims.subject, Terms(1), SignUp.INVITE)
            db.add(Mail(channel="mail", kind="reset", account_id=account_id, recipient=name, facts={}, state="sent"))
        for about in (account_id, alice.claims.subject):
            runtime.audit.record(Event.SIGN_IN, "success", account=about, by=account_id, address="192.0.2.1")


def guest_link_terms() -> GuestLinkTerms:
    return GuestLinkTerms(RequestTarget("docs.example.org", "/plans/"), "Draft", datetime.now(UTC) + timedelta(days=1))


def query_counts(app: Flask, person: Person) -> dict[str, int]:
    """The number of statements of each page that a person may see, by its URL."""
    paths = ["/", *(path for path, method in gated_routes(app) if method == "GET" and "<" not in path)]
    found = {}
    for url in (path + query for path in paths for query in QUERIES):
        person.client.get(url, headers=PAGE)  # reads what has changed into memory
        with counted_statements(app) as statements:
            response = person.client.get(url, headers=PAGE)
        assert response.status_code in (200, 308), url  # 308: the address above those of the accounts
        found[url] = len(statements)
    return found


def sessions_shown(person: Person) -> int:
    """How many active and ended sessions the page lists, as passes or as rows."""
    page = person.client.get("/account/sessions", headers=PAGE).text
    return page.count("pass--small") + page.count('class="session-row"')


def test_more_rows_are_not_more_queries(
    app: Flask, sign_in: Callable[..., Person], add_account: Callable[..., str]
) -> None:
    alice = sign_in("alice", ["admin"])
    add_rows(app, alice, add_account, ["bob"])
    few = query_counts(app, alice)
    shown = sessions_shown(alice)
    add_rows(app, alice, add_account, ["carol", "dave", "erin"])
    assert query_counts(app, alice) == few
    assert few["/account/sessions"] > 0 < few["/admin/mails"]
    assert sessions_shown(alice) == shown + 6
