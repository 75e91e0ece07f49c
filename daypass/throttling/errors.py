"""Errors of queues and deadlines."""

from daypass.errors import DaypassError

UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))  # in seconds


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


class TooManyAttempts(DaypassError):
    """A limit on attempts is used up (RFC 6585 section 4); `retry_after` is in seconds.

    kind: what is limited, for the log.
    """

    status = 429
    title = "Too many attempts"

    def __init__(self, kind: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(kind, message=f"Too many attempts. Try again in {_in_words(retry_after)}.")


def _in_words(seconds: int) -> str:
    """A time to wait, rounded up: `40 seconds`, `1 minute`, `2 hours`."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds > size or size == 1)
    count = -(-seconds // size)
    return f"{count} {unit}{'' if count == 1 else 's'}"
