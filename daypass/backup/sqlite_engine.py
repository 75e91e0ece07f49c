"""An engine for an SQLite file that is not the database of the app."""

from pathlib import Path

from sqlalchemy import URL, Engine, NullPool, create_engine

from daypass.database.engine import prepare


def sqlite_engine(path: Path) -> Engine:
    """Create an engine for this file. Its connections are closed after use."""
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool, hide_parameters=True)
    prepare(engine)
    return engine
