"""Errors about tokens."""

from enum import StrEnum

from daypass.errors import DaypassError


class TokenFault(StrEnum):
    """What is wrong with a token; the value is the sentence shown to the visitor."""

    MISSING = "Sign in to see this page."
    EXPIRED = "This token has expired."
    ENDED = "The session of this token was ended."
    FORGED = "This token was changed, or was not issued by this site."


class InvalidToken(DaypassError):
    """The token is invalid or missing. `fault` is shown to the visitor, `reason` is logged."""

    status = 401
    title = "Invalid token"

    def __init__(self, reason: str, fault: TokenFault = TokenFault.FORGED) -> None:
        self.fault = fault
        super().__init__(reason, message=fault.value)
