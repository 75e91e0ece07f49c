"""Errors in the settings."""

from daypass.errors import DaypassError


class SettingsError(DaypassError):
    """A setting is unknown, malformed or unsafe. The text names the variable; the server does not start."""
