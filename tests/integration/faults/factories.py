"""Accounts and sessions made beside a server, in its database: no request, and one password hash for all."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from app import create_app
from daypass.accounts import accounts
from daypass.database.transactions import write_transaction
from daypass.settings.environment import read_settings
from daypass.web.context import current_db, current_runtime
from tests.conftest import new_session
from tests.helpers.server import Server

EACH = 10  # sessions of one account; half of what an account may have, so that sign-ins push none out


@contextmanager
def app_beside(server: Server) -> Iterator[Flask]:
    """An app on the server's database, which lets go of it afterwards."""
    settings = {name: value for name, value in server.variables().items() if name.startswith("DAYPASS_")}
    app = create_app(read_settings(settings))
    try:
        yield app
    finally:
        with app.app_context():
            current_runtime().engine.dispose()
            current_runtime().replica.close()


def add_people(server: Server, password_hash: str, many: int) -> dict[str, str]:
    """So many sessions of people with PASSWORD, EACH of one account: the name of the account of every token."""
    with app_beside(server) as app:
        names = [f"person{number}" for number in range(-(-many // EACH))]
        with app.app_context(), write_transaction(current_db()):
            ids = {name: accounts.create(current_db(), name, password_hash).id for name in names}
        owners = [name for name in names for _ in range(EACH)][:many]
        return {new_session(app, ids[name])[1]: name for name in owners}
