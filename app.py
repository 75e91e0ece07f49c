"""Daypass: `create_app` for servers and tools, and `python app.py` for production."""

import os
import sys

from dotenv import dotenv_values
from flask import Flask

from daypass import answers, chores, cli, edge, events, extensions, request_body, server, server_log, views
from daypass.checks import Checks
from daypass.cookie_header import OwnCookie
from daypass.errors import DaypassError, SettingsError
from daypass.settings import Settings, read_settings
from daypass.starting import claim_port, prepare


def load_settings() -> Settings:
    """The settings of the environment, and of a `.env` file for what the environment leaves out."""
    return read_settings({k: v for k, v in dotenv_values(".env").items() if v is not None} | dict(os.environ))


def _settings_or_exit() -> Settings:
    """The settings, for `flask`, which loads the app before it knows the command: a wrong one is one sentence there."""
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(f"Error: {error}")


def create_app(settings: Settings | None = None) -> Flask:
    """The whole app; opens nothing before the first request. A wrong setting of the environment ends the program."""
    settings = settings or _settings_or_exit()
    root = os.path.dirname(os.path.abspath(__file__))
    app = Flask("daypass", root_path=root, static_url_path=f"{settings.prefix}/static")
    app.config["TRUSTED_HOSTS"] = settings.trusted_hosts
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    events.init_logging()
    server_log.init_logging()
    extensions.init_app(app, settings)
    edge.init_app(app)
    request_body.init_app(app)
    answers.init_app(app)
    views.init_app(app)
    cli.init_app(app)
    app.wsgi_app = OwnCookie(Checks(app.wsgi_app, settings.authority), settings.cookie_name)  # type: ignore[method-assign]
    return app


def create_worker() -> Flask:
    """The app as a worker of the server has it: with housekeeping beside it."""
    server.begin_worker()
    server.end_with_parent()
    server.shorten_turns()
    server_log.log_all_errors()
    app = create_app()
    with app.app_context():
        chores.start(extensions.db.sessionmaker, extensions.process().settings)
    return app


def main() -> None:
    """Serve until told to stop."""
    try:
        settings = load_settings()
        claim_port(settings.host, settings.port)
        prepare(create_app(settings), settings)
    except DaypassError as error:
        sys.exit(f"Daypass does not start: {error}")
    server.serve("app:create_worker", settings)


if __name__ == "__main__":
    main()
