"""Write a backup: an SQLite file that appears under its name only when it is complete."""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from daypass.backup.errors import BackupError
from daypass.backup.facts import FACTS, Facts, write_facts
from daypass.backup.sqlite_engine import sqlite_engine
from daypass.database import schema
from daypass.database.copying import reflect_tables, replace_rows, snapshot
from daypass.database.transactions import WRITES

NOT_COPIED = (FACTS.name, "alembic_version")  # written by the backup itself


def write_backup(engine: Engine, path: Path, facts: Facts, *, overwrite: bool) -> Mapping[str, int]:
    """Write a consistent backup of a database that others may be using; returns the number of rows by table.

    The backup has the schema of the database, which may be older than this version's. Only the owner can read it.
    Raises BackupError.
    """
    if path.exists() and not overwrite:
        raise BackupError(f"{path} already exists. Choose another name, or use --force to overwrite it.")
    with snapshot(engine) as source, _complete_file(path) as draft:
        revision = _known_revision(source)
        target_engine = sqlite_engine(draft)
        try:
            schema.migrate_to(target_engine, revision)
            with target_engine.connect().execution_options(**{WRITES: True}) as target, target.begin():
                write_facts(target, facts)
                rows = replace_rows(source, target, reflect_tables(target, NOT_COPIED))
        finally:
            target_engine.dispose()
    return rows


def _known_revision(source: Connection) -> str:
    """The revision of the schema. Raises BackupError if there is none, or if it is newer than this version."""
    revision = schema.current_revision(source)
    if revision is None:
        raise BackupError("The database has no tables yet, so there is nothing to back up.")
    if not schema.is_known(revision):
        raise BackupError(
            "The database is from a newer version of Daypass than this one. Back it up with that version."
        )
    return revision


@contextmanager
def _complete_file(path: Path) -> Iterator[Path]:
    """Yield the name of a draft, which is renamed to `path` at the end; an error deletes it. Raises BackupError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield draft
        _make_single_file(draft)
        draft.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        for leftover in path.parent.glob(f"{draft.name}*"):
            leftover.unlink(missing_ok=True)


def _make_single_file(draft: Path) -> None:
    """Leave the WAL mode, so that the backup needs no other file, and write it to the disk."""
    with closing(sqlite3.connect(draft)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    _sync(draft)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
