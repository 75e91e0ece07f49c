"""The schema: create the database file, run migrations on one node at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from daypass.database.transactions import KEYS_LOCK


def create_file(path: str) -> None:
    """Make the database's file, if it is not there, so that only its owner can read it. Raises OSError."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))


@contextmanager
def migration_lock(engine: Engine) -> Iterator[None]:
    """Let no other node pass here meanwhile (PostgreSQL): ten may start at once, and one migrates."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = 0; SET statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": KEYS_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": KEYS_LOCK})
            connection.invalidate()
