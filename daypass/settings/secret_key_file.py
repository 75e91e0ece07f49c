"""The file with a generated SECRET_KEY, for installations that do not set one."""

import os
import secrets
from pathlib import Path

from daypass.settings.errors import SettingsError
from daypass.settings.parsers import secret_key


def load_or_create(database: Path) -> str:
    """Return the SECRET_KEY stored next to the database; the first process generates it. Raises SettingsError."""
    path = database.with_name("secret_key")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_hex(32))
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by other users: run `chmod 600` on it, or set DAYPASS_SECRET_KEY.")
        return secret_key(path.read_text().strip())
    except ValueError as error:
        raise SettingsError(f"{path} cannot be used as DAYPASS_SECRET_KEY: {error}.") from None
    except OSError as error:
        raise SettingsError(f"DAYPASS_SECRET_KEY is not set, and {path} cannot be used: {error.strerror}.") from None


def _write_once(path: Path, text: str) -> None:
    """Create the file atomically, unless another process was first: a hard link fails if the name exists."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
