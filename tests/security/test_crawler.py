"""Every route and method with hostile input: no server error, no data of somebody else, nothing changed."""

import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse
from wtforms import Form

from daypass.accounts import email
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.web import forms
from daypass.web.context import current_db
from tests.conftest import PAGE, Person
from tests.helpers.rounds import variants

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
HOSTILE = variants(
    [
        b"' OR 1=1 --",
        b"<script>alert(1)</script>{{7*7}}",
        b"\x00\xff\xed\xa0\x80",
        b"../../../../etc/passwd",
        b"\r\nSet-Cookie: daypass=x",
        "٣\u202e\u2028\ufeff".encode(),
        b"1e309",
        b"-1",
        b"[" * 500,
        b"A" * 5000,
        b"%s%n%25%2e%2e%2f",
        b"",
    ],
    quick=5,
)
QUERY_FIELDS = ("next", "token", "before", "changed", "signed_out", "rd", "url", "method", "kind", "page")
ENDS_THE_CRAWL = ("/logout", "/account/lock", "/admin/sign-out-everybody")  # its own session, as they should
METRICS_TOKEN = "b7d1c64f0e9a83254ac7be1f0d62839e"
SECRETS = ("alice-private@example.org", "alices-own-laptop")


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    limits = {f"DAYPASS_LIMIT_{name}": "off" for name in ("ADDRESS", "ACCOUNT", "DEVICE", "SIGNUP", "LAB", "MAIL")}
    mail = {"DAYPASS_MAIL_URL": "smtp://127.0.0.1:9", "DAYPASS_MAIL_FROM": "login@example.org"}
    return environ | limits | mail | {"DAYPASS_SIGNUP": "open", "DAYPASS_METRICS_TOKEN": METRICS_TOKEN}


@pytest.fixture
def alice(app: Flask, sign_in: Callable[..., Person]) -> Person:
    """The owner of the data that nobody else may see."""
    alice = sign_in("alice")
    with app.app_context(), write_transaction(current_db()) as db:
        email.set_address(db, db.get_one(Account, alice.claims.subject), SECRETS[0])
        db.get_one(AuthSession, alice.claims.session_id).name = SECRETS[1]
    return alice


def field_names() -> list[str]:
    """The names of the fields of all forms, and of the password that some acts ask for."""
    classes = [each for _, each in inspect.getmembers(forms, inspect.isclass) if issubclass(each, Form)]
    names = {name for each in classes for name in each()._fields}
    return sorted(names | {"act", "confirm_password"})


def state(app: Flask, account_id: str) -> list[Any]:
    """The rows of an account and of its sessions."""
    with app.app_context():
        account = current_db().execute(select(Account.__table__).where(Account.id == account_id)).all()
        sessions = select(AuthSession.__table__).where(AuthSession.account_id == account_id)
        return [account, current_db().execute(sessions.order_by(AuthSession.id)).all()]


def requests(app: Flask, values: Sequence[bytes]) -> Iterator[tuple[str, str, bytes]]:
    """Every path with hostile variables, method by method and value by value.

    A method that the path does not have gets one value.
    """
    methods: dict[str, set[str]] = {"/nothing": set()}
    for each in app.url_map.iter_rules():
        methods.setdefault(each.rule, set()).update(each.methods or ())
    for rule, method in itertools.product(sorted(methods.keys() - set(ENDS_THE_CRAWL)), METHODS):
        for value in values if method in methods[rule] else values[:1]:
            yield re.sub("<.*?>", quote_from_bytes(value, safe="") or "x", rule), method, value


def send(client: FlaskClient, path: str, method: str, value: bytes, headers: dict[str, str]) -> Iterator[TestResponse]:
    """One request with hostile fields in query and form, and one with hostile JSON."""
    hostile = quote_from_bytes(value)
    query = "&".join(f"{name}={hostile}" for name in QUERY_FIELDS)
    form = "&".join(f"{name}={hostile}" for name in field_names()).encode()
    body = {"data": form, "content_type": "application/x-www-form-urlencoded"} if method not in ("GET", "HEAD") else {}
    yield client.open(path, method=method, query_string=query, headers=headers, **body)  # type: ignore[arg-type]
    if path == "/login" and method == "POST":
        yield client.open(path, method=method, headers=headers, data=value, content_type="application/json")


@pytest.mark.parametrize("role", ["nobody", "somebody else", "administrator"])
def test_no_hostile_request_causes_a_server_error_or_reaches_somebody_elses_data(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person], alice: Person, role: str
) -> None:
    crawler = {
        "nobody": lambda: client,
        "somebody else": lambda: sign_in("bob").client,
        "administrator": lambda: sign_in("root", ["admin"]).client,
    }[role]()
    ids = [] if role == "administrator" else [alice.claims.subject.encode(), alice.claims.session_id.encode()]
    before = state(app, alice.claims.subject)
    statuses = set()
    for path, method, value in requests(app, [*HOSTILE, *ids]):
        for response in send(crawler, path, method, value, PAGE):
            statuses.add(response.status_code)
            assert response.status_code < 500, (method, path, value)
            if role != "administrator":
                assert not [secret for secret in SECRETS if secret in response.text], (method, path)
    assert {200, 404, 405} <= statuses
    assert state(app, alice.claims.subject) == before
    assert client.get("/members", headers=alice.bearer_header).status_code == 200
    if role != "nobody":
        assert crawler.get("/members", headers=PAGE).status_code == 200, "the crawler was signed out on the way"


def test_an_administrators_own_pages_show_what_the_crawler_looks_for(
    sign_in: Callable[..., Person], alice: Person
) -> None:
    """Otherwise the search for it would prove nothing."""
    pages = [alice.client.get(path, headers=PAGE).text for path in ("/account/settings", "/account/sessions")]
    assert SECRETS[0] in pages[0]
    assert SECRETS[1] in pages[1]
