"""Errors of the database as a whole."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

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
    state = getattr(error.orig, "sqlstate", None)
    return state.startswith(POSTGRESQL_LOST) if state else error.connection_invalidated or _is_connection_error(error)


def _is_connection_error(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")
