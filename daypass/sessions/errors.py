"""Errors about sessions."""

from daypass.errors import DaypassError


class NoSuchSession(DaypassError):
    """A session that is not there, or not the asker's: which of the two is not told (ASVS 8.2.2)."""

    status = 404
    title = "No such session"
    message = "There is no such session of yours, or it has ended already."
