"""How people without an account get one: the values of DAYPASS_SIGNUP."""

from enum import StrEnum


class SignUp(StrEnum):
    """Who may create accounts, besides administrators."""

    CLOSED = "closed"
    OPEN = "open"  # anybody
    INVITE = "invite"  # people whom a member invites
    APPROVE = "approve"  # anybody, but the account cannot be used until an administrator approves it

    @property
    def has_form(self) -> bool:
        """Whether anybody may fill in the sign-up form."""
        return self in (SignUp.OPEN, SignUp.APPROVE)
