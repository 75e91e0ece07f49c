"""The objects that app.py binds to the app: the database, its migrations, and what each process keeps in memory."""

import logging
from dataclasses import dataclass, field
from functools import cache
from inspect import iscoroutinefunction
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask, current_app
from flask_alembic import Alembic
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from daypass.accounts.password_hasher import PasswordHasher
from daypass.database.change_detector import change_detector
from daypass.database.engine import engine_options, prepare
from daypass.database.errors import DatabaseError
from daypass.database.models import Base
from daypass.database.replica import Replica
from daypass.database.schema import create_file, migration_lock
from daypass.database.transactions import WRITES
from daypass.keys.ring import KeyRingProvider
from daypass.keys.store import KeyStore
from daypass.rules.loader import RulesLoader
from daypass.sessions.last_activity import LastActivity
from daypass.sessions.revocation import Revocations
from daypass.settings.definitions import CPU_COUNT, Settings
from daypass.throttling.body_reader import BodyReader
from daypass.tokens.cache import VerifiedTokenCache

MIGRATIONS = str(Path(__file__).parent / "database" / "migrations")

db = SQLAlchemy()
migrations = Alembic(run_mkdir=False, metadatas=Base.metadata)


@dataclass(frozen=True)
class Runtime:
    """What one process holds in memory, all of it rebuilt from the database, and the rules' file, at any time."""

    settings: Settings
    mirror: Replica
    keys: KeyRingProvider
    revocations: Revocations
    hasher: PasswordHasher
    bodies: BodyReader
    rules: RulesLoader
    remembered: VerifiedTokenCache
    seen: LastActivity = field(default_factory=LastActivity)


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the database and this process's memory to the app; nothing is opened or read yet."""
    app.config["SQLALCHEMY_ENGINES"] = {"default": engine_options(settings.database_url, settings.threads)}
    app.config["ALEMBIC"] = {"script_location": MIGRATIONS, "version_locations": []}
    app.config["ALEMBIC_CONTEXT"] = {"transactional_ddl": True}
    logging.getLogger("alembic").setLevel(logging.WARNING)
    db.init_app(app)
    _drop_async_teardown(app)
    migrations.init_app(app)
    with app.app_context():
        prepare(db.engine)
        app.extensions["daypass"] = _process(settings)


def _drop_async_teardown(app: Flask) -> None:
    """Without async engines it would close nothing, and cost a thread for each request."""
    synchronous = [close for close in app.teardown_appcontext_funcs if not iscoroutinefunction(close)]
    app.teardown_appcontext_funcs[:] = synchronous


def _process(settings: Settings) -> Runtime:
    mirror = Replica(db.sessionmaker, change_detector(db.engine, db.sessionmaker), settings.revocation_grace)
    remembered = VerifiedTokenCache()
    return Runtime(
        settings=settings,
        mirror=mirror,
        keys=KeyStore(mirror, db.sessionmaker, settings.secret_keys, settings.algorithm),
        revocations=Revocations(mirror, remembered),
        hasher=PasswordHasher(slots=max(1, CPU_COUNT // settings.workers), queue=settings.threads // 2),
        bodies=BodyReader(places=settings.threads),
        rules=RulesLoader(settings.rules),
        remembered=remembered,
    )


def process() -> Runtime:
    """What the current app's process holds."""
    held: Runtime = current_app.extensions["daypass"]
    return held


def bring_up_to_date() -> None:
    """Run the migrations that the database lacks. Raises DatabaseError where it cannot be written or is newer."""
    name = db.engine.url.render_as_string(hide_password=True)
    try:
        if db.engine.dialect.name == "sqlite":
            create_file(db.engine.url.database or "")
        with migration_lock(db.engine):
            _prepare_to_migrate(migrations.migration_context.connection)  # type: ignore[arg-type]
            migrations.upgrade()
    except CommandError:
        raise DatabaseError(f"The database {name} is from a newer version of Daypass than this one.") from None
    except DBAPIError as error:
        raise DatabaseError(f"The database {name} cannot be used: {_one_line(error)}.") from None
    except OSError as error:
        raise DatabaseError(f"The database {name} cannot be used: {error.strerror}.") from None


def _prepare_to_migrate(connection: Connection) -> None:
    """A migration writes, and may take as long as it needs."""
    connection.execution_options(**{WRITES: True})
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()


def _one_line(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split()).rstrip(".")


def is_current() -> bool:
    """Whether the database has the schema of this version. Raises DBAPIError where it cannot be asked."""
    with db.engine.connect() as connection:  # Flask-Alembic's own look is not made for several threads
        return set(MigrationContext.configure(connection).get_current_heads()) == _newest_schema()


@cache
def _newest_schema() -> set[str]:
    return set(ScriptDirectory(MIGRATIONS, version_locations=[MIGRATIONS]).get_heads())
