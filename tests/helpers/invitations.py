"""Invitations for tests."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from daypass.accounts import invitations
from daypass.accounts.invitations import Terms
from daypass.database.models import Account, Invitation
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, PASSWORD


def new_code(
    app: Flask, inviter_id: str | None = None, *, name: str | None = None, roles: tuple[str, ...] = (), hours: int = 1
) -> str:
    """The code of a new invitation."""
    with app.app_context(), write_transaction(current_db()):
        signup = current_runtime().settings.signup
        return invitations.create(current_db(), inviter_id, Terms(hours, name, roles), signup)


def stored(app: Flask) -> list[Invitation]:
    """All invitations in the database."""
    with app.app_context():
        found = list(current_db().scalars(select(Invitation)))
        current_db().expunge_all()
        return found


def age(app: Flask, by: timedelta) -> None:
    """Make all invitations older."""
    with app.app_context(), write_transaction(current_db()):
        for invitation in current_db().scalars(select(Invitation)):
            invitation.created_at -= by
            invitation.expires_at -= by


def open_link(client: FlaskClient, code: str) -> TestResponse:
    return client.get("/join", query_string={"code": code}, headers=PAGE)


def join(client: FlaskClient, code: str, name: str = "", password: str = PASSWORD) -> TestResponse:
    """Send the form of an invitation."""
    return client.post("/join", headers=PAGE, data={"code": code, "username": name, "password": password})


def people(app: Flask) -> dict[str, list[str]]:
    """The roles of all accounts, by name."""
    with app.app_context():
        return {name: roles for name, roles in current_db().execute(select(Account.name, Account.roles))}
