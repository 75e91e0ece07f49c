"""What the lab will not do, in one sentence for the one who typed."""

from typing import Literal

from daypass.errors import DaypassError
from daypass.tokens.printable import printable

Field = Literal["header", "claims", "key", "token", "place", "expiry"]


class LabError(DaypassError):
    """What was typed cannot be used: `message` says why, `field` names the form's field that it stood in.

    The message may quote what was typed, so it goes to whoever typed it and never to the log.
    """

    status = 422
    title = "Bad request"

    def __init__(self, message: str, field: Field) -> None:
        self.field = field
        super().__init__("refused in the lab", message=printable(message))
