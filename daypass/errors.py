"""The root error of Daypass, and the errors that several packages raise."""


class DaypassError(Exception):
    """The root of all errors that Daypass raises on purpose.

    `status` is the HTTP status. `title` and `message` are shown to the visitor; `reason` is only logged. `back`: the
    endpoint of a page to go on with, and the text of the link to it.
    """

    status = 500
    title = "Something went wrong"
    message = "Something went wrong on our side."
    back: tuple[str, str] | None = None

    def __init__(self, reason: str = "", *, message: str | None = None) -> None:
        self.reason = reason or type(self).__name__
        if message is not None:
            self.message = message
        super().__init__(self.reason)


class InvalidRequest(DaypassError):
    """The request is malformed: for example, text that is not Unicode, or a body of the wrong shape."""

    status = 400
    title = "Bad request"
    message = "The request could not be understood."


class AmbiguousTarget(InvalidRequest):
    """A host, path or method that can be interpreted in more than one way; `reason` says why."""

    message = "This address can be read in more than one way, so it was rejected."


class ServiceUnavailable(DaypassError):
    """The database is unreachable; `retry_after` is in seconds."""

    status = 503
    title = "Temporarily unavailable"
    message = "The database cannot be reached right now. Protected pages stay closed until it can."
    retry_after = 10
