"""What the commands for backups have in common."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL

from daypass.backup.errors import BackupError
from daypass.doctor import database
from daypass.settings.definitions import Settings


def check_exists(url: URL) -> None:
    """Raise BackupError if the SQLite file does not exist; opening it would create it."""
    if database.is_missing(url):
        raise BackupError(f"There is no database at {url.database}. Check DAYPASS_DATABASE_URL.")


def row_summary(rows: Mapping[str, int]) -> str:
    """How many accounts and sessions there are."""
    return " and ".join(
        f"{rows[table]} {name if rows[table] == 1 else name + 's'}"
        for table, name in (("accounts", "account"), ("sessions", "session"))
    )


def secret_key_place(settings: Settings) -> str:
    """Where the secret key is: in its file next to an SQLite database, or in the settings."""
    file = Path(settings.database_url.database or "").with_name("secret_key")
    try:
        is_generated = file.read_text().strip() == settings.secret_key
    except OSError:
        is_generated = False
    return f"the content of {file}" if is_generated else "the value of DAYPASS_SECRET_KEY"
