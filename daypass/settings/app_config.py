"""The settings in a Flask app's config, as text, so that they are parsed like those of the environment."""

from collections.abc import Mapping
from datetime import timedelta

from daypass.settings.definitions import PREFIX
from daypass.settings.errors import SettingsError


def merged(config: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, str]:
    """The settings of the config and of the environment, which takes precedence. None stands for no setting.

    Raises SettingsError.
    """
    found = {name: _as_text(name, value) for name, value in config.items() if name.startswith(PREFIX)}
    given = {name: text for name, text in found.items() if text is not None}
    return given | {name: text for name, text in environ.items() if name.startswith(PREFIX)}


def _as_text(name: str, value: object) -> str | None:
    """A value as text: seconds for a `timedelta`, commas between the items of a list."""
    match value:
        case None:
            return None
        case bool():
            return "on" if value else "off"
        case timedelta():
            return f"{value.total_seconds():.0f}"
        case list() | tuple():
            return ",".join(map(str, value))
        case dict() | set() | bytes():
            raise SettingsError(
                f"{name} cannot be used: it must be text, not a value of the type {type(value).__name__}."
            )
    return str(value)
