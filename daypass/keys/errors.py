"""Errors about signing keys."""

from daypass.errors import DaypassError, ServiceUnavailable


class NoSuchKey(DaypassError):
    """The key ring has no key with the given id."""

    status = 404
    title = "No such key"
    message = "There is no key with this id. It may have been dropped already."


class UnreadableKey(DaypassError):
    """A signing key in the database cannot be decrypted, or is unsafe for its algorithm; the text names it."""


class IssuerUnreachable(ServiceUnavailable):
    """The keys of the issuer, which verify its passes, cannot be fetched."""

    message = "The keys that verify passes cannot be fetched right now. Protected pages stay closed until they can."
