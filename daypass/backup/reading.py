"""Open a backup for reading, with its tables brought up to this version's schema."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError as SQLAlchemyDatabaseError

from daypass.backup.errors import BackupError
from daypass.backup.facts import Facts, read_facts
from daypass.backup.sqlite_engine import sqlite_engine
from daypass.database import schema
from daypass.database.copying import snapshot


@dataclass(frozen=True)
class Backup:
    """An open backup: what it says about itself, and a connection to its rows in this version's schema."""

    facts: Facts
    connection: Connection


@contextmanager
def open_backup(path: Path) -> Iterator[Backup]:
    """Open a backup. Works on a copy in a temporary folder, because it may have to be upgraded. Raises BackupError."""
    with tempfile.TemporaryDirectory(prefix="daypass-restore-") as folder:
        engine = sqlite_engine(_copy(path, Path(folder)))
        try:
            with snapshot(engine) as connection:
                facts = _check(path, connection)
            schema.migrate(engine)
            with snapshot(engine) as connection:
                yield Backup(facts, connection)
        finally:
            engine.dispose()


def _copy(path: Path, folder: Path) -> Path:
    """Copy the file and check that it is an undamaged SQLite file. Raises BackupError."""
    copy = folder / "backup.sqlite3"
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        shutil.copyfile(path, copy)
        with closing(sqlite3.connect(copy)) as connection:
            (result,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from None
    except sqlite3.DatabaseError:
        result = "not a database"
    if result != "ok":
        raise BackupError(f"{path} is damaged or is not a backup of Daypass. Nothing was changed. Use another backup.")
    return copy


def _check(path: Path, connection: Connection) -> Facts:
    """Read the facts, and check that this version knows the backup's schema. Raises BackupError."""
    try:
        facts, revision = read_facts(connection), schema.current_revision(connection)
    except (SQLAlchemyDatabaseError, KeyError, ValueError):
        raise BackupError(f"{path} is not a backup made by `daypass backup`. Nothing was changed.") from None
    if revision is None or not schema.is_known(revision):
        raise BackupError(
            f"{path} is from a newer version of Daypass ({facts.version}) than this one. "
            "Install that version, or a later one, and restore with it. Nothing was changed."
        )
    return facts
