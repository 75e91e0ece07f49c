"""Errors about sessions."""

from daypass.errors import DaypassError


class NoSuchSession(DaypassError):
    """The session does not exist or belongs to another account; the error does not reveal which (ASVS 8.2.2)."""

    status = 404
    title = "No such session"
    message = "You have no active session with this id. It may have ended already."
