"""Errors of the database as a whole."""

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from daypass.errors import DaypassError, ServiceUnavailable

SQLITE_LOST = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
# Connection exceptions, and the shutdown or start of the server (PostgreSQL documentation, appendix A).
POSTGRESQL_LOST = ("08", "57P01", "57P02", "57P03")


class DatabaseError(DaypassError):
    """The database cannot be used as it is (read-only, from a newer version); the text says why."""


class DatabaseLost(ServiceUnavailable):
    """The database cannot be reached, or its file cannot be read."""


def is_lost(error: SQLAlchemyError) -> bool:
    """Whether the error means that the database is gone, rather than busy, locked, or out of connections."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in SQLITE_LOST
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state:
        return state.startswith(POSTGRESQL_LOST)
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
