"""SECRET_KEY where nobody set one: made at the first start and kept beside the database."""

import os
import secrets
from pathlib import Path

from daypass.settings.errors import SettingsError
from daypass.settings.parsers import secret_key


def load_or_create(database: Path) -> str:
    """SECRET_KEY beside the database: made once, by whichever process is first, readable by its owner alone."""
    path = database.with_name("secret_key")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_hex(32))
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by others: run `chmod 600` on it, or set DAYPASS_SECRET_KEY.")
        return secret_key(path.read_text().strip())
    except ValueError as error:
        raise SettingsError(f"{path} cannot be used as DAYPASS_SECRET_KEY: {error}.") from None
    except OSError as error:
        raise SettingsError(f"DAYPASS_SECRET_KEY is not set, and {path} cannot be used: {error.strerror}.") from None


def _write_once(path: Path, text: str) -> None:
    """Put a finished file in place, unless another process was first: a link fails where the name is taken."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
