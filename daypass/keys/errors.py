"""Errors about signing keys."""

from daypass.errors import DaypassError


class NoSuchKey(DaypassError):
    """A signing key that is not in the ring was named."""

    status = 404
    title = "No such key"
    message = "There is no key of this id, or it has been dropped already."


class UnreadableKey(DaypassError):
    """A signing key in the database cannot be decrypted, or is not safe for its algorithm; the text says which."""
