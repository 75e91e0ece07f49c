"""Errors of queues and deadlines."""

from daypass.errors import DaypassError


class BodyTimeout(DaypassError):
    """The body did not arrive within the deadline."""

    status = 408
    title = "Too slow"
    message = "The request did not arrive in time. Send it again."


class Busy(DaypassError):
    """No capacity is left for expensive work; `retry_after` is in seconds."""

    status = 503
    title = "Busy"
    message = "Too many requests at once. Try again in a few seconds."
    retry_after = 5
