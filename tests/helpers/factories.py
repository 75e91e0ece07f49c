"""Create accounts and sessions directly in a server's database, without requests."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import Flask

from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from tests.conftest import close_app, create_account, new_session
from tests.helpers.server import Server

SESSIONS_PER_ACCOUNT = 10  # half of what an account may have, so that sign-ins end none of them


@contextmanager
def app_on_database_of(server: Server) -> Iterator[Flask]:
    """An app on the server's database, closed when the `with` block ends."""
    settings = {name: value for name, value in server.variables().items() if name.startswith("DAYPASS_")}
    app = create_app(read_settings(settings))
    try:
        yield app
    finally:
        close_app(app)


def add_account(server: Server, password_hash: str, name: str, roles: Sequence[str] = ()) -> None:
    """Create an account; the command `daypass user add` would take as long as the start of the server."""
    with app_on_database_of(server) as app:
        create_account(app, password_hash, name, roles)


def add_sessions(server: Server, password_hash: str, count: int) -> dict[str, str]:
    """Start sessions of accounts with PASSWORD, SESSIONS_PER_ACCOUNT each.

    Returns account names by token.
    """
    with app_on_database_of(server) as app:
        names = [f"person{number}" for number in range(-(-count // SESSIONS_PER_ACCOUNT))]
        ids = {name: create_account(app, password_hash, name) for name in names}
        owners = [name for name in names for _ in range(SESSIONS_PER_ACCOUNT)][:count]
        return {new_session(app, ids[name])[1]: name for name in owners}
