"""Errors about tokens."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from daypass.errors import DaypassError


class TokenFault(StrEnum):
    """What is wrong with a token; the value is the sentence shown to the visitor."""

    MISSING = "Sign in to see this page."
    EXPIRED = "This token has expired."
    ENDED = "The session of this token was ended."
    FORGED = "This token was changed, or was not issued by this site."


class RefusedClaims(Protocol):
    """Of the claims of a refused token, those that its holder may learn about."""

    @property
    def subject(self) -> str: ...
    @property
    def session_id(self) -> str: ...
    @property
    def issued_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...


class InvalidToken(DaypassError):
    """The token is invalid or missing. `fault` is shown to the visitor, `reason` is logged.

    claims: those of an expired or ended token whose signature is valid.
    """

    status = 401
    title = "Invalid token"

    def __init__(self, reason: str, fault: TokenFault = TokenFault.FORGED, claims: RefusedClaims | None = None) -> None:
        self.fault = fault
        self.claims = claims
        super().__init__(reason, message=fault.value)


class UnknownKey(InvalidToken):
    """The token names a key that is not in the ring."""
