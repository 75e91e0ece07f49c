"""Guest links for tests."""

import re
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from daypass.database.models import GuestLink
from daypass.database.transactions import write_transaction
from daypass.guest_links import links
from daypass.guest_links.links import Terms
from daypass.net.request_target import RequestTarget
from daypass.web.context import current_db
from tests.conftest import PAGE

LOGIN = "https://login.example.org"


def new_code(
    app: Flask, host: str, path: str, creator_id: str | None = None, *, expires_in: timedelta = timedelta(days=1)
) -> str:
    """The code of a new guest link."""
    terms = Terms(RequestTarget(host, path), "Draft", datetime.now(UTC) + expires_in)
    with app.app_context(), write_transaction(current_db()):
        return links.create(current_db(), creator_id, terms)


def stored(app: Flask) -> list[GuestLink]:
    """All guest links in the database."""
    with app.app_context():
        found = list(current_db().scalars(select(GuestLink)))
        current_db().expunge_all()
        return found


def age(app: Flask, by: timedelta) -> None:
    """Make all guest links older."""
    with app.app_context(), write_transaction(current_db()):
        for link in current_db().scalars(select(GuestLink)):
            link.created_at -= by
            link.expires_at -= by


def revoke_all(app: Flask) -> None:
    """Revoke all guest links."""
    with app.app_context(), write_transaction(current_db()) as db:
        for link in db.scalars(select(GuestLink)).all():
            links.revoke(db, link.id)


def show(client: FlaskClient, code: str) -> TestResponse:
    """Request the page of a guest link."""
    return client.get("/guest", base_url=LOGIN, query_string={"code": code}, headers=PAGE)


def open_link(client: FlaskClient, code: str) -> TestResponse:
    """Press the button on that page."""
    return client.post("/guest", base_url=LOGIN, data={"code": code}, headers=PAGE)


def code_in(text: str) -> str:
    """The code in the link that a page or command shows."""
    [code] = re.findall(r"/guest\?code=([\w-]{32})(?![\w-])", text)
    return str(code)
