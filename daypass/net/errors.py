"""Errors in hosts, paths and methods."""

from daypass.errors import InvalidRequest


class AmbiguousTarget(InvalidRequest):
    """A host, path or method that could be read in more than one way; `reason` says what is unclear about it."""

    message = "This address can be read in more than one way, so it is refused."
