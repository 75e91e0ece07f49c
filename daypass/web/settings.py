"""The settings of the current app, for modules that need nothing else of it."""

from flask import current_app

from daypass.settings.definitions import Settings


def current_settings() -> Settings:
    """The settings of the current app."""
    settings: Settings = current_app.extensions["daypass"].settings
    return settings
