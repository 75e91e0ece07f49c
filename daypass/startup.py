"""What one process does before the others start."""

import socket

from flask import Flask

from daypass import runtime
from daypass.accounts import administrators
from daypass.errors import DaypassError
from daypass.settings.definitions import Settings
from daypass.web import setup_link


def prepare(app: Flask, settings: Settings) -> None:
    """What one process does before the others start: the schema, the first key, the link for the first account.

    Raises DaypassError where any setting cannot be used.
    """
    with app.app_context():
        runtime.process().rules.load()  # rules that cannot be used stop the start
        runtime.bring_up_to_date()
        runtime.process().keys.ring  # noqa: B018  # a SECRET_KEY that does not open the keys stops the start
        if setup_link.create_setup_link(_tell) is None and not administrators.any_enabled(runtime.db.session):
            print("No account with the role admin can sign in. Add one: flask user add NAME --admin", flush=True)
    with app.app_context():  # what the context above had open is back in the pool
        runtime.db.engine.dispose()
        runtime.process().mirror.close()
    print(f"Daypass serves {settings.base_url}", flush=True)


def _tell(link: str) -> None:
    print(f"No account exists yet. Make the first one within an hour at\n  {link}", flush=True)


def check_port(host: str, port: int) -> None:
    """Raise DaypassError if nothing can listen there: the server itself would share a port that is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return
    except OSError as error:
        raise DaypassError(
            f"DAYPASS_HOST {host}, DAYPASS_PORT {port}: cannot listen there, {error.strerror}."
        ) from None
