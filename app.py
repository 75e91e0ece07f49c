"""Daypass: `create_app` for servers and tools, and `python app.py` for production."""

import os
import sys

from dotenv import dotenv_values
from flask import Flask

from daypass import cli, maintenance, runtime, server, server_log
from daypass.audit import log
from daypass.errors import DaypassError
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.settings.errors import SettingsError
from daypass.startup import check_port, prepare
from daypass.web import errors, mount, request_body, security_headers
from daypass.web.cookie_header import CookieFilter
from daypass.web.forward_auth.middleware import ForwardAuthMiddleware


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
    log.init_logging()
    server_log.init_logging()
    runtime.init_app(app, settings)
    security_headers.init_app(app)
    request_body.init_app(app)
    errors.init_app(app)
    mount.init_app(app)
    cli.init_app(app)
    app.wsgi_app = CookieFilter(ForwardAuthMiddleware(app.wsgi_app, settings.authority), settings.cookie_name)  # type: ignore[method-assign]
    return app


def create_worker() -> Flask:
    """The app as a worker of the server has it: with housekeeping beside it."""
    server.begin_worker()
    server.end_with_parent()
    server.shorten_turns()
    server_log.log_all_errors()
    app = create_app()
    with app.app_context():
        maintenance.start(runtime.db.sessionmaker, runtime.process().settings)
    return app


def main() -> None:
    """Serve until told to stop."""
    try:
        settings = load_settings()
        check_port(settings.host, settings.port)
        prepare(create_app(settings), settings)
    except DaypassError as error:
        sys.exit(f"Daypass does not start: {error}")
    server.serve("app:create_worker", settings)


if __name__ == "__main__":
    main()
