"""The app of the stand-alone program for its commands, without pages."""

import os
import sys

from dotenv import dotenv_values
from flask import Flask

from daypass import cli
from daypass.audit import log as audit_log
from daypass.program import log
from daypass.runtime import build_runtime
from daypass.settings import resources
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.settings.errors import SettingsError
from daypass.web import context


def load_settings() -> Settings:
    """Read the settings from the environment, or else from a `.env` file."""
    return read_settings({k: v for k, v in dotenv_values(".env").items() if v is not None} | dict(os.environ))


def settings_or_exit() -> Settings:
    """Read the settings. Exit with a one-line message if one is invalid."""
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(f"Error: {error}")


def create_command_app() -> Flask:
    """Create an app for commands, which need no pages. Exits if the environment has an invalid setting."""
    app = new_app()
    context.init_app(app, build_runtime(settings_or_exit()))
    cli.add_commands(app.cli)
    return app


def new_app() -> Flask:
    """An app without pages, which logs to standard error."""
    audit_log.init_logging()
    log.init_logging()
    return Flask("daypass", template_folder=str(resources.TEMPLATES), static_folder=None)
