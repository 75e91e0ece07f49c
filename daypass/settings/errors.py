"""Errors in the settings."""

from daypass.errors import DaypassError


class SettingsError(DaypassError):
    """A setting is unknown, malformed or unsafe; the text names the variable and stops the start."""
