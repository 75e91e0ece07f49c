"""Errors of the whole database, rather than of one query."""

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from daypass.errors import DaypassError, ServiceUnavailable

SQLITE_UNREACHABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
# Connection exceptions, and a server that shuts down or starts (PostgreSQL documentation, appendix A).
POSTGRESQL_UNREACHABLE = ("08", "57P01", "57P02", "57P03")


class DatabaseError(DaypassError):
    """The database is unusable, for example read-only or from a newer version; the text says why."""


class DatabaseLost(ServiceUnavailable):
    """The database cannot be reached, or its file cannot be read."""


def is_lost(error: SQLAlchemyError) -> bool:
    """Whether the database is unreachable, rather than busy, locked or out of connections."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in SQLITE_UNREACHABLE
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state:
        return state.startswith(POSTGRESQL_UNREACHABLE)
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
