"""What the lab will not do, in one sentence for the one who typed."""

from typing import Literal

from daypass.errors import DaypassError

Field = Literal["header", "claims", "key", "token", "place", "expiry"]


class LabError(DaypassError):
    """What was typed cannot be used: `sentence` says why, `field` names the form's field that it stood in.

    The sentence may quote what was typed, so it goes to whoever typed it and never to the log.
    """

    status = 422
    title = "Not understood"

    def __init__(self, sentence: str, field: Field) -> None:
        self.field = field
        super().__init__("refused in the lab", sentence=printable(sentence))


def printable(text: str) -> str:
    """The text with all that cannot be seen or sent (control characters, lone surrogates) spelt as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
