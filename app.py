"""The stand-alone program: `create_app` for tools, `python app.py` to serve."""

import gc
import os
import sys
from contextlib import nullcontext

gc.disable()  # importing creates many objects, and no garbage

import click
from dotenv import dotenv_values
from flask import Flask
from flask.cli import FlaskGroup

from daypass import cli, maintenance, server, server_log
from daypass.audit import log
from daypass.errors import DaypassError
from daypass.metrics import counters as metrics
from daypass.runtime import Runtime, build_runtime
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.settings.errors import SettingsError
from daypass.startup import check_port, prepare
from daypass.web import context

gc.freeze()  # all modules stay: collections skip them, so that workers share their memory
gc.enable()


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
    if _is_created_for_a_command():
        context.init_app(app, build_runtime(settings))
        cli.init_app(app)
    else:
        from daypass import extension  # imports all pages

        extension.init_app(app, settings)
    return app


def _is_created_for_a_command() -> bool:
    """Whether `flask` asks for the app only to look up one of our commands, which need no pages.

    Flask knows its own commands, such as `flask routes`, before it asks for the app.
    """
    current = click.get_current_context(silent=True)
    return current is not None and isinstance(current.command, FlaskGroup)


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
        from daypass.accounts.mail_delivery import build_sender  # imports SMTP, which most sites do not use

        build_sender(runtime.settings, runtime.session_factory, runtime.keys, runtime.audit).start()
    if found := app.extensions.get("daypass_metrics"):
        metrics.start_sampling(found, runtime)
    return app


def _import_for_workers() -> None:
    """Import what workers need, before they are forked, so that they share its memory."""
    import zxcvbn  # noqa: F401  # for new passwords: 17 MiB

    from daypass import extension  # noqa: F401


def main() -> None:
    """Check the settings, prepare the database, and serve until SIGINT or SIGTERM."""
    _import_for_workers()
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
