"""Create the database file, and run migrations on one node at a time."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from daypass.database.errors import DatabaseError
from daypass.database.transactions import KEYS_LOCK, WRITES

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run the pending migrations. Raises DatabaseError if the database is read-only or newer than this version."""
    _run(engine, lambda config: command.upgrade(config, "head"))


def migrate_to(engine: Engine, revision: str) -> None:
    """Run the migrations up to this revision, for a database with the schema of an older version."""
    _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Downgrade to an older revision of the schema. Raises DatabaseError."""
    _run(engine, lambda config: command.downgrade(config, revision))


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
    return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str) -> bool:
    """Whether this version has a migration with this revision. A newer version's revisions are unknown."""
    return revision in _revisions()


def create_file(path: str) -> None:
    """Create the database file, accessible to its owner only, unless it exists. Raises OSError."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))


def _run(engine: Engine, migration: Callable[[Config], None]) -> None:
    name = engine.url.render_as_string(hide_password=True)
    try:
        if engine.dialect.name == "sqlite":
            create_file(engine.url.database or "")
        with migration_lock(engine), _migration_connection(engine) as connection:
            migration(_config(connection))
    except CommandError:
        raise DatabaseError(f"The database {name} is from a newer version of Daypass than this one.") from None
    except DBAPIError as error:
        raise DatabaseError(f"The database {name} cannot be used: {_one_line(error)}.") from None
    except OSError as error:
        raise DatabaseError(f"The database {name} cannot be used: {error.strerror}.") from None


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


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def newest_revision() -> str | None:
    """The revision of this version's schema."""
    return ScriptDirectory.from_config(_config()).get_current_head()


@cache
def _revisions() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _one_line(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split()).rstrip(".")
