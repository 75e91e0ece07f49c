"""Errors about accounts, names and passwords."""

from daypass.errors import DaypassError


class WrongCredentials(DaypassError):
    """Sign-in failed. One sentence for every cause, so that nobody learns which names exist."""

    status = 401
    title = "Not signed in"
    message = "The name or the password is not right."

    def __init__(self, reason: str, account_id: str | None = None) -> None:
        self.account_id = account_id
        super().__init__(reason)


class InvalidName(DaypassError):
    """A user name outside the rules."""

    status = 422
    message = "A name has 3 to 32 characters: a to z, 0 to 9, dot, underscore, hyphen."


class InvalidRole(DaypassError):
    """A role's name outside the rules."""

    status = 422
    message = "A role has 1 to 32 characters: a to z, 0 to 9, dot, underscore, hyphen."


class NameTaken(DaypassError):
    """The UNIQUE constraint on names decided against this account."""

    status = 409
    message = "This name is taken."


class ReservedName(InvalidName):
    """A name that is not given by sign-up, since its holder would be taken for somebody with authority."""

    message = "This name is reserved. Choose another one."


class FormerNameTaken(NameTaken):
    """The name of a deleted account. Visitors read that it is taken, and not that somebody had it."""


class WeakPassword(DaypassError):
    """A password outside the rules; `advice` holds one sentence or more for the person."""

    status = 422

    def __init__(self, advice: list[str]) -> None:
        self.advice = advice
        super().__init__("weak password", message=" ".join(advice))


class NoSuchAccount(DaypassError):
    """An account that does not exist was named."""

    status = 404
    message = "There is no account of this name."


class CannotDisableSelf(DaypassError):
    """An admin would shut out the very account that asks."""

    status = 409
    title = "Not your own"
    message = "An admin cannot disable the own account. Another admin can."


class LastAdmin(DaypassError):
    """The only administrator who can sign in would be disabled, deleted or lose the role."""

    status = 409
    title = "The last administrator"
    message = (
        "Nothing was changed: this is the only administrator who can sign in. Make another one first, at the terminal: "
        "“flask user add NAME --admin” for a new account, or “flask user roles NAME admin”, followed by the roles that "
        "it has, for another."
    )


class SetupComplete(DaypassError):
    """The first account was created already, so no set-up link is valid any more."""

    status = 410
    title = "Set up"
    message = "Daypass is set up already. Sign in with the account that was made."


class SignupClosed(DaypassError):
    """Nobody may make an account by themselves here."""

    status = 403
    title = "Sign-up is closed"
    message = "Accounts are made by an admin here. Ask one for yours."
