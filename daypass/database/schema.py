"""Create the database file, and run migrations on one node at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, column, inspect, select, table, text
from sqlalchemy.exc import DBAPIError

from daypass.database.errors import DatabaseError
from daypass.database.transactions import KEYS_LOCK, WRITES

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION = table("alembic_version", column("version_num"))


def migrate(engine: Engine) -> None:
    """Run the pending migrations. Raises DatabaseError if the database is read-only or newer than this version."""
    _run(engine, "upgrade", newest_revision())


def migrate_to(engine: Engine, revision: str) -> None:
    """Run the migrations up to this revision, for a database with the schema of an older version."""
    _run(engine, "upgrade", revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Downgrade to an older revision of the schema. Raises DatabaseError."""
    _run(engine, "downgrade", revision)


def is_current(engine: Engine) -> bool:
    """Whether the database has the schema of this version. Raises DBAPIError if the database is unreachable."""
    with engine.connect() as connection:
        return current_revision(connection) == newest_revision()


def is_usable(engine: Engine) -> bool:
    """Whether a running process can use the schema: it is that of this version, or of a newer one.

    Migrations only add tables and columns that older versions need not know, so that nodes can be upgraded one after
    the other. Raises DBAPIError if the database is unreachable.
    """
    with engine.connect() as connection:
        revision = current_revision(connection)
    return revision is not None and (revision == newest_revision() or not is_known(revision))


def current_revision(connection: Connection) -> str | None:
    """The revision of the schema; None if the database has no tables yet."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.scalar(select(VERSION.c.version_num))


def is_known(revision: str) -> bool:
    """Whether this version has a migration with this revision. A newer version's revisions are unknown."""
    return revision in _revisions()


def create_file(path: str) -> None:
    """Create the database file, accessible to its owner only, unless it exists. Raises OSError."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))


def _run(engine: Engine, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    try:
        if engine.dialect.name == "sqlite":
            create_file(engine.url.database or "")
        with reports_failures(engine), migration_lock(engine), _migration_connection(engine) as connection:
            current = current_revision(connection)
            connection.rollback()
            if current is not None and not is_known(current):
                raise DatabaseError(f"The database {_name(engine)} is from a newer version of Daypass than this one.")
            if current != revision:
                _run_alembic(connection, direction, revision)
    except OSError as error:
        raise DatabaseError(f"The database {_name(engine)} cannot be used: {error.strerror}.") from None


@contextmanager
def reports_failures(engine: Engine) -> Iterator[None]:
    """Turn the errors of the database into DatabaseError, whose text is one sentence."""
    try:
        yield
    except DBAPIError as error:
        raise DatabaseError(f"The database {_name(engine)} cannot be used: {_one_line(error)}.") from None


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


@contextmanager
def migration_lock(engine: Engine) -> Iterator[None]:
    """Prevent other nodes from migrating at the same time (PostgreSQL)."""
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


@contextmanager
def _migration_connection(engine: Engine) -> Iterator[Connection]:
    """A connection that takes the write lock and has no statement timeout."""
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET statement_timeout = 0"))
            connection.commit()
        try:
            yield connection
        finally:
            connection.invalidate()  # so that its settings do not leak into the pool


def _run_alembic(connection: Connection, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    """Run migrations. Alembic is imported only here: it takes as long as all of Daypass, and is rarely needed."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    run = command.upgrade if direction == "upgrade" else command.downgrade
    run(config, revision)


def newest_revision() -> str:
    """The revision of this version's schema."""
    return max(_revisions())


@cache
def _revisions() -> frozenset[str]:
    """The revisions that this version has migrations for: the file of each begins with its number."""
    return frozenset(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py"))


def _one_line(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split()).rstrip(".")
