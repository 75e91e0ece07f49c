"""The errors of Daypass: each carries a status, a sentence for the visitor and a reason for the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class DaypassError(Exception):
    """The root of all errors that Daypass raises on purpose.

    `status` is the HTTP status, `title` and `sentence` are what the visitor may read; `reason` is for the log alone.
    """

    status = 500
    title = "Something went wrong"
    sentence = "Something went wrong here. It is not your doing."

    def __init__(self, reason: str = "", *, sentence: str | None = None) -> None:
        self.reason = reason or type(self).__name__
        if sentence is not None:
            self.sentence = sentence
        super().__init__(self.reason)


class SettingsError(DaypassError):
    """A setting is unknown, malformed or unsafe; the text names the variable and stops the start."""


@dataclass(frozen=True, order=True)
class RulesFault:
    """What is wrong in the rules file, and in which line."""

    line: int
    text: str


class BrokenRules(SettingsError):
    """The rules file cannot be used: `faults` has all that was found, in the order of the lines."""

    def __init__(self, name: str, faults: Iterable[RulesFault]) -> None:
        self.faults = tuple(sorted(faults))
        self.told = [f"{name}, line {fault.line}: {fault.text}" for fault in self.faults]
        more = f" (and {len(self.told) - 1} more: `flask rules check` lists them)" if len(self.told) > 1 else ""
        super().__init__(f"DAYPASS_RULES cannot be used: {self.told[0]}{more}.")


class DatabaseError(DaypassError):
    """The database cannot be used as it is (read-only, from a newer version); the text says why."""


class InvalidRequest(DaypassError):
    """The request is understood and cannot be right: text that is not Unicode, a body of the wrong shape."""

    status = 400
    title = "Not understood"
    sentence = "The request could not be understood."


class UnclearLocation(InvalidRequest):
    """A host, path or method that could be read in more than one way; `reason` says what is unclear about it."""

    sentence = "This address can be read in more than one way, so it is refused."


class IncompleteBody(InvalidRequest):
    """The connection ended before the whole body had arrived (RFC 9112 section 8)."""


class SlowBody(DaypassError):
    """The body did not arrive within the deadline."""

    status = 408
    title = "Too slow"
    sentence = "The request did not arrive in full in time. Send it again."


class LongCookie(DaypassError):
    """The Cookie header is longer than Daypass reads (RFC 6585 section 5)."""

    status = 431
    title = "Too many cookies"
    sentence = "Your browser sent more cookies than this site reads. Delete those of this domain and try again."


class UnsupportedMedia(InvalidRequest):
    """A body of a type that this route does not read."""

    status = 415
    title = "Not understood"
    sentence = "Send a form, or JSON with Content-Type: application/json."


class CrossSite(DaypassError):
    """An unsafe request that another site caused (OWASP Cross-Site Request Forgery Prevention)."""

    status = 403
    title = "Not from here"
    sentence = "This request came from another site, so nothing was done."


class Busy(DaypassError):
    """All places for the expensive work are taken; `retry_after` is in seconds."""

    status = 503
    title = "Busy"
    sentence = "Too many requests at once. Try again in a few seconds."
    retry_after = 5


class TooManyKeys(DaypassError):
    """One key was made for this person less than a second ago; `retry_after` is in seconds."""

    status = 429
    title = "One key a second"
    sentence = "A key was made for you a moment ago. You can have one each second."
    retry_after = 1


class Unavailable(DaypassError):
    """The database cannot be asked; `retry_after` is in seconds."""

    status = 503
    title = "Not available"
    sentence = "The database cannot be reached right now. Nobody is let in until it can."
    retry_after = 10


class WrongCredentials(DaypassError):
    """Sign-in failed. One sentence for every cause, so that nobody learns which names exist."""

    status = 401
    title = "Not signed in"
    sentence = "The name or the password is not right."

    def __init__(self, reason: str, account_id: str | None = None) -> None:
        self.account_id = account_id
        super().__init__(reason)


class InvalidName(DaypassError):
    """A user name outside the rules."""

    status = 422
    sentence = "A name has 3 to 32 characters: a to z, 0 to 9, dot, underscore, hyphen."


class InvalidRole(DaypassError):
    """A role's name outside the rules."""

    status = 422
    sentence = "A role has 1 to 32 characters: a to z, 0 to 9, dot, underscore, hyphen."


class NameTaken(DaypassError):
    """The UNIQUE constraint on names decided against this account."""

    status = 409
    sentence = "This name is taken."


class ReservedName(InvalidName):
    """A name that is not given by sign-up, since its holder would be taken for somebody with authority."""

    sentence = "This name is reserved. Choose another one."


class FormerNameTaken(NameTaken):
    """The name of a deleted account. Visitors read that it is taken, and not that somebody had it."""


class WeakPassword(DaypassError):
    """A password outside the rules; `advice` holds one sentence or more for the person."""

    status = 422

    def __init__(self, advice: list[str]) -> None:
        self.advice = advice
        super().__init__("weak password", sentence=" ".join(advice))


class NoSuchAccount(DaypassError):
    """An account that does not exist was named."""

    status = 404
    sentence = "There is no account of this name."


class OwnAccount(DaypassError):
    """An admin would shut out the very account that asks."""

    status = 409
    title = "Not your own"
    sentence = "An admin cannot disable the own account. Another admin can."


class LastAdmin(DaypassError):
    """The only administrator who can sign in would be disabled, deleted or lose the role."""

    status = 409
    title = "The last administrator"
    sentence = (
        "Nothing was changed: this is the only administrator who can sign in. Make another one first, at the terminal: "
        "“flask user add NAME --admin” for a new account, or “flask user roles NAME admin”, followed by the roles that "
        "it has, for another."
    )


class NoSuchSession(DaypassError):
    """A session that is not there, or not the asker's: which of the two is not told (ASVS 8.2.2)."""

    status = 404
    title = "No such session"
    sentence = "There is no such session of yours, or it has ended already."


class NoSuchKey(DaypassError):
    """A signing key that is not in the ring was named."""

    status = 404
    title = "No such key"
    sentence = "There is no key of this id, or it has been dropped already."


class SetupDone(DaypassError):
    """The first account was created already, so no set-up link is valid any more."""

    status = 410
    title = "Set up"
    sentence = "Daypass is set up already. Sign in with the account that was made."


class SignupClosed(DaypassError):
    """Nobody may make an account by themselves here."""

    status = 403
    title = "Sign-up is closed"
    sentence = "Accounts are made by an admin here. Ask one for yours."


class Fault(StrEnum):
    """What is wrong with a token, as far as the visitor may know; the value is the sentence."""

    MISSING = "No token was sent."
    EXPIRED = "It has expired."
    ENDED = "Its session has been ended."
    FORGED = "It is not a token that this site issued."


class InvalidToken(DaypassError):
    """A token was refused, or none was sent: `fault` is for the visitor, `reason` for the log."""

    status = 401
    title = "Invalid token"

    def __init__(self, reason: str, fault: Fault = Fault.FORGED) -> None:
        self.fault = fault
        super().__init__(reason, sentence=fault.value)


class StaleLogin(DaypassError):
    """The token is good and the password was typed too long ago for this; `max_age` is in seconds (RFC 9470)."""

    status = 401
    title = "Your password, please"

    def __init__(self, max_age: int, sentence: str | None = None) -> None:
        self.max_age = max_age
        super().__init__("password typed too long ago", sentence=sentence or "This needs your password once more.")


class UntrustedProxy(DaypassError):
    """A check came from somewhere that is not a proxy of ours; nothing is told."""

    status = 403
    title = "Not allowed"
    sentence = "This address is for the proxies of this site."


class NotLetIn(DaypassError):
    """A page behind a proxy that this visitor may not see, or nobody may."""

    status = 403
    title = "Not allowed"
    sentence = "This page is not open to you."


class RoleMissing(DaypassError):
    """The token is good and its holder lacks the role."""

    status = 403
    title = "Not allowed"

    def __init__(self, role: str) -> None:
        self.role = role
        super().__init__(
            f"role {role} is missing", sentence=f"This page needs the role “{role}”, which your pass has not."
        )


class InsufficientScope(DaypassError):
    """A valid API token, on a page that API tokens do not open or on a host outside of its scope (RFC 6750)."""

    status = 403
    title = "Not allowed"
    sentence = "API tokens do not open this page."


class NotMeant(DaypassError):
    """The token is good, and the rules do not mean its holder, or nobody, for this page."""

    status = 403
    title = "Not allowed"
    sentence = "Your pass does not open this page."
