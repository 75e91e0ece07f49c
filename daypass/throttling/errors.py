"""Errors for work that has to wait."""

from daypass.errors import DaypassError


class BodyTimeout(DaypassError):
    """The body did not arrive within the deadline."""

    status = 408
    title = "Too slow"
    message = "The request did not arrive in full in time. Send it again."


class Busy(DaypassError):
    """All places for the expensive work are taken; `retry_after` is in seconds."""

    status = 503
    title = "Busy"
    message = "Too many requests at once. Try again in a few seconds."
    retry_after = 5
