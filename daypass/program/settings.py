"""The settings of the stand-alone program, from the environment and the file `.env`."""

import os
import sys

from dotenv import dotenv_values

from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.settings.errors import SettingsError


def load_settings() -> Settings:
    """Read the settings from the environment, or else from a `.env` file."""
    return read_settings({k: v for k, v in dotenv_values(".env").items() if v is not None} | dict(os.environ))


def settings_or_exit() -> Settings:
    """Read the settings. Exit with a one-line message if one is invalid."""
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(f"Error: {error}")
