"""Errors about tokens."""

from enum import StrEnum

from daypass.errors import DaypassError


class TokenFault(StrEnum):
    """What is wrong with a token, as far as the visitor may know; the value is the sentence."""

    MISSING = "No token was sent."
    EXPIRED = "It has expired."
    ENDED = "Its session has been ended."
    FORGED = "It is not a token that this site issued."


class InvalidToken(DaypassError):
    """A token was refused, or none was sent: `fault` is for the visitor, `reason` for the log."""

    status = 401
    title = "Invalid token"

    def __init__(self, reason: str, fault: TokenFault = TokenFault.FORGED) -> None:
        self.fault = fault
        super().__init__(reason, message=fault.value)
