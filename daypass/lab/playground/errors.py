"""The error for input that the lab cannot use."""

from typing import Literal

from daypass.errors import DaypassError
from daypass.tokens.printable import printable

Field = Literal["header", "claims", "key", "token", "place", "expiry", "clock"]


class LabError(DaypassError):
    """The input cannot be used: `message` says why, `field` is the form field with the input.

    The message may quote the input, so it is shown to the visitor who entered it, and never logged.
    """

    status = 422
    title = "Bad request"

    def __init__(self, message: str, field: Field) -> None:
        self.field = field
        super().__init__("refused in the lab", message=printable(message))
