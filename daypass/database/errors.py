"""Errors of the database as a whole."""

from daypass.errors import DaypassError


class DatabaseError(DaypassError):
    """The database cannot be used as it is (read-only, from a newer version); the text says why."""
