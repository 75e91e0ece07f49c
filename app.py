"""Daypass: `create_app` for servers and tools, and `python app.py` for production."""

import os
import sys

from dotenv import dotenv_values
from flask import Flask

from daypass import extension, maintenance, server, server_log
from daypass.audit import log
from daypass.errors import DaypassError
from daypass.runtime import build_runtime
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.settings.errors import SettingsError
from daypass.startup import check_port, prepare


def load_settings() -> Settings:
    """The settings of the environment, completed by a `.env` file."""
    return read_settings({k: v for k, v in dotenv_values(".env").items() if v is not None} | dict(os.environ))


def _settings_or_exit() -> Settings:
    """The settings, for the `flask` command: a wrong one is reported in one sentence."""
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(f"Error: {error}")


def create_app(settings: Settings | None = None) -> Flask:
    """Create the app. Opens nothing before the first request. A wrong setting in the environment ends the program."""
    settings = settings or _settings_or_exit()
    root = os.path.dirname(os.path.abspath(__file__))
    app = Flask("daypass", root_path=root, static_url_path=f"{settings.prefix}/static")
    log.init_logging()
    server_log.init_logging()
    extension.init_app(app, settings)
    return app


def create_worker() -> Flask:
    """Create the app of one worker of the server, and start maintenance beside it."""
    server.begin_worker()
    server.end_with_parent()
    server.shorten_turns()
    server_log.log_all_errors()
    app = create_app()
    maintenance.start(app.extensions["daypass"])
    return app


def main() -> None:
    """Serve until told to stop."""
    try:
        settings = load_settings()
        check_port(settings.host, settings.port)
        prepare(build_runtime(settings))
    except DaypassError as error:
        sys.exit(f"Daypass does not start: {error}")
    server.serve("app:create_worker", settings)


if __name__ == "__main__":
    main()
