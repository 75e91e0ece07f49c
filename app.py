"""The stand-alone program: `create_app` for tools, `python app.py` to serve."""

import os
import sys
from contextlib import nullcontext

from dotenv import dotenv_values
from flask import Flask

from daypass import extension, maintenance, server, server_log
from daypass.accounts.mail_delivery import build_sender
from daypass.audit import log
from daypass.errors import DaypassError
from daypass.metrics import counters as metrics
from daypass.runtime import Runtime, build_runtime
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.settings.errors import SettingsError
from daypass.startup import check_port, prepare


def load_settings() -> Settings:
    """Read the settings from the environment, or else from a `.env` file."""
    return read_settings({k: v for k, v in dotenv_values(".env").items() if v is not None} | dict(os.environ))


def _settings_or_exit() -> Settings:
    """Read the settings. Exit with a one-line message if one is invalid."""
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(f"Error: {error}")


def create_app(settings: Settings | None = None) -> Flask:
    """Create the app.

    Opens nothing before the first request. Exits if the environment has an invalid setting.
    """
    settings = settings or _settings_or_exit()
    root = os.path.dirname(os.path.abspath(__file__))
    app = Flask("daypass", root_path=root, static_url_path=f"{settings.prefix}/static")
    log.init_logging()
    server_log.init_logging()
    extension.init_app(app, settings)
    return app


def create_worker() -> Flask:
    """Create the app of one server worker, and start its threads: audit trail, maintenance, delivery of messages."""
    server.stop_on_sigterm()
    server.end_with_parent()
    server.shorten_switch_interval()
    server_log.log_all_errors()
    app = create_app()
    runtime: Runtime = app.extensions["daypass"]
    runtime.audit.start()
    server.on_exit(runtime.close)
    maintenance.start(runtime)
    if runtime.settings.sends_mail or runtime.settings.webhook_url:
        build_sender(runtime.settings, runtime.session_factory, runtime.keys, runtime.audit).start()
    if found := app.extensions.get("daypass_metrics"):
        metrics.start_sampling(found, runtime)
    return app


def main() -> None:
    """Check the settings, prepare the database, and serve until SIGINT or SIGTERM."""
    try:
        settings = load_settings()
        check_port(settings.host, settings.port)
        prepare(build_runtime(settings))
    except DaypassError as error:
        sys.exit(f"Daypass does not start: {error}")
    with metrics.shared_folder() if settings.metrics_token else nullcontext():
        server.serve("app:create_worker", settings)


if __name__ == "__main__":
    main()
