"""The errors of Daypass: each carries a status, a sentence for the visitor and a reason for the log."""


class DaypassError(Exception):
    """The root of all errors that Daypass raises on purpose.

    `status` is the HTTP status, `title` and `message` are what the visitor may read; `reason` is for the log alone.
    """

    status = 500
    title = "Something went wrong"
    message = "Something went wrong here. It is not your doing."

    def __init__(self, reason: str = "", *, message: str | None = None) -> None:
        self.reason = reason or type(self).__name__
        if message is not None:
            self.message = message
        super().__init__(self.reason)


class InvalidRequest(DaypassError):
    """The request is understood and cannot be right: text that is not Unicode, a body of the wrong shape."""

    status = 400
    title = "Not understood"
    message = "The request could not be understood."


class AmbiguousTarget(InvalidRequest):
    """A host, path or method that could be read in more than one way; `reason` says what is unclear about it."""

    message = "This address can be read in more than one way, so it is refused."


class ServiceUnavailable(DaypassError):
    """The database cannot be asked; `retry_after` is in seconds."""

    status = 503
    title = "Not available"
    message = "The database cannot be reached right now. Nobody is let in until it can."
    retry_after = 10
