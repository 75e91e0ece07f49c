"""Daypass: `create_app` for servers and tools, and `python app.py` for production."""

import os
import socket
import sys

from dotenv import dotenv_values
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from daypass import cli, edge, events, extensions, setup_link, views
from daypass.errors import DaypassError
from daypass.settings import Settings, read_settings


def load_settings() -> Settings:
    """The settings of the environment, and of a `.env` file for what the environment leaves out."""
    return read_settings({k: v for k, v in dotenv_values(".env").items() if v is not None} | dict(os.environ))


def create_app(settings: Settings | None = None) -> Flask:
    """The whole app. Raises SettingsError for a wrong setting; opens nothing before the first request."""
    settings = settings or load_settings()
    app = Flask("daypass", root_path=os.path.dirname(os.path.abspath(__file__)))
    app.config["TRUSTED_HOSTS"] = settings.trusted_hosts
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    events.init_logging()
    extensions.init_app(app, settings)
    edge.init_app(app)
    views.init_app(app)
    cli.init_app(app)
    return app


def prepare(app: Flask, settings: Settings) -> None:
    """What one process does before the others start: the schema, the first key, the link for the first account."""
    with app.app_context():
        extensions.bring_up_to_date()
        link = setup_link.first_link()
        extensions.db.engine.dispose()
    if link:
        print(f"No account exists yet. Make the first one within an hour at\n  {link}", flush=True)
    print(f"Daypass serves {settings.base_url}", flush=True)


def claim_port(host: str, port: int) -> None:
    """Raise DaypassError if nothing can listen there: the server itself would share a port that is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return
    except OSError as error:
        raise DaypassError(
            f"DAYPASS_HOST {host}, DAYPASS_PORT {port}: cannot listen there, {error.strerror}."
        ) from None


def main() -> None:
    """Serve until told to stop."""
    try:
        settings = load_settings()
        claim_port(settings.host, settings.port)
        prepare(create_app(settings), settings)
    except DaypassError as error:
        sys.exit(f"Daypass does not start: {error}")
    Granian(
        "app:create_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main()
