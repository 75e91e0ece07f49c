"""Errors about accounts, names and passwords."""

from daypass.errors import DaypassError


class WrongCredentials(DaypassError):
    """Sign-in failed. The message is the same for every cause, so that it does not reveal which names exist."""

    status = 401
    title = "Not signed in"
    message = "Wrong name or password."

    def __init__(self, reason: str, account_id: str | None = None) -> None:
        self.account_id = account_id
        super().__init__(reason)


class InvalidName(DaypassError):
    """A malformed user name."""

    status = 422
    message = "A name has 3 to 32 characters: a to z, 0 to 9, dot, underscore, hyphen."


class InvalidRole(DaypassError):
    """A malformed role name."""

    status = 422
    message = "A role has 1 to 32 characters: a to z, 0 to 9, dot, underscore, hyphen."


class InvalidEndDate(DaypassError):
    """Text that is no date, or a date that cannot be stored."""

    status = 422
    message = "Enter a date such as 2026-12-31."


class PastEndDate(InvalidEndDate):
    """A last day that is over."""

    message = "This day is over. Choose today or a later day."


class AwaitsApproval(WrongCredentials):
    """The password is right, but no administrator has approved the account yet."""

    status = 403
    title = "Not approved yet"
    message = "Your account waits for an administrator's approval. Try again later."


class AccountLocked(WrongCredentials):
    """The password is right, but the owner has locked the account. opened_by_mail: whether a mailed link opens it."""

    status = 403
    title = "Account locked"
    message = "You locked your account. An administrator can open it again."

    def __init__(self, reason: str, account_id: str, *, opened_by_mail: bool) -> None:
        self.opened_by_mail = opened_by_mail
        super().__init__(reason, account_id)


class NameTaken(DaypassError):
    """Another account has this name already."""

    status = 409
    message = "This name is taken."


class ReservedName(InvalidName):
    """A name that sign-up rejects, because its holder would appear to have authority."""

    message = "This name is reserved. Choose another one."


class FormerNameTaken(NameTaken):
    """The name of a deleted account. The message does not reveal that there was such an account."""


class UnknownHash(DaypassError):
    """A password hash of another system that cannot be verified. The message goes on from the name of the account."""

    status = 422
    message = "its hash is malformed, or of an unknown kind"


class WeakPassword(DaypassError):
    """A password that is malformed or easy to guess.

    advice: one or more sentences for the user. score: zxcvbn's, from 0 to 4; 0 if it was not estimated.
    """

    status = 422

    def __init__(self, advice: list[str], score: int = 0) -> None:
        self.advice = advice
        self.score = score
        super().__init__("weak password", message=" ".join(advice))


class InvalidAddress(DaypassError):
    """A malformed e-mail address."""

    status = 422
    message = "Enter an address such as alice@example.org."


class AddressTaken(DaypassError):
    """Another account has confirmed this address. Only the owner of the mailbox is told."""

    status = 409
    title = "Address in use"
    message = "This address belongs to another account here. Each account needs an address of its own."


class TooManyMails(DaypassError):
    """The account or the address has received its share of mails; `retry_after` is in seconds."""

    status = 429
    title = "Too many mails"
    message = "Several mails were sent already. Look in the spam folder, or try again in an hour."
    retry_after = 3600


class MailNotSetUp(DaypassError):
    """The server sends no mail."""

    status = 404
    title = "Not available"
    message = "This site sends no mail. Ask an administrator for a link to reset your password."


class InvalidLink(DaypassError):
    """A link from a mail that is expired, used, replaced or forged: the page is the same for all of them."""

    status = 410
    title = "Link not valid"
    message = "This link is not valid any more. A link works once, for a limited time, and until a newer one is sent."


class NoSuchAccount(DaypassError):
    """No account has the given name."""

    status = 404
    message = "There is no account with this name."


class AccountGone(NoSuchAccount):
    """An administrator's page of an account that does not exist any more."""

    title = "No such account"
    message = "This account does not exist any more. It was deleted, perhaps by another administrator a moment ago."
    back = ("admin.accounts", "Go back to the accounts")


class AlreadyDisabled(DaypassError):
    """The account is disabled, so its owner cannot lock it."""

    status = 409
    message = "This account is disabled already."


class OwnAccount(DaypassError):
    """An administrator tried to disable, delete or limit their own account on the administrators' pages."""

    status = 409
    title = "Your own account"
    message = (
        "You cannot disable your own account here, delete it or give it an end date. Another administrator can. "
        "To delete it yourself, open the page “Account”."
    )
    back = ("admin.accounts", "Go back to the accounts")


class LastAdmin(DaypassError):
    """The change would leave no administrator who can sign in, now and for good."""

    status = 409
    title = "The last administrator"
    advice = (
        "Make another one first: on the page “Accounts”, open an account whose owner has set a password, and add the "
        "role admin; or at the terminal, with “daypass user add NAME --admin” or “daypass user roles NAME --add admin”."
    )
    message = f"Nothing was changed: this is the only administrator who can sign in and has no end date. {advice}"
    back = ("admin.accounts", "Go back to the accounts")


class SetupComplete(DaypassError):
    """The first account exists, so no set-up link is valid any more."""

    status = 410
    title = "Already set up"
    message = "Daypass is already set up. Sign in with the account that was created."


class InvalidSetupLink(DaypassError):
    """A set-up link that is expired, replaced or invented: the page is the same for all of them."""

    status = 410
    title = "Link not valid"
    message = "This link is not valid any more."


class SignupClosed(DaypassError):
    """Visitors may not create accounts on this site."""

    status = 403
    title = "Sign-up is closed"
    message = "Only an administrator can create accounts here. Ask one for yours."


class InvitationRequired(SignupClosed):
    """Only people with an invitation may create accounts on this site."""

    title = "By invitation only"
    message = "You need an invitation to create an account here. Ask somebody who has an account for one."


class NotSetUp(SignupClosed):
    """There is no administrator yet who could approve an account."""

    title = "Not set up yet"
    message = "This site is not set up yet. Its administrator has to create the first account."


class TooManyRequests(DaypassError):
    """As many accounts wait for approval as may; `retry_after` is in seconds."""

    status = 503
    title = "Too many requests"
    message = "Too many accounts wait for approval at present. Try again tomorrow."
    retry_after = 86_400


class NoSuchRequest(DaypassError):
    """No such account waits for approval."""

    status = 404
    title = "No such request"
    message = "This account does not wait for approval any more: somebody has approved or rejected it."


class InvalidInvitation(DaypassError):
    """An invitation that cannot be used. The page is the same for every cause."""

    status = 410
    title = "Invitation not valid"
    message = (
        "This invitation is not valid any more. An invitation works once, until it expires or is revoked. Ask the "
        "person who invited you for a new one."
    )


class InvitedNameTaken(NameTaken):
    """The name that an invitation fixes was taken meanwhile. inviter: None if it was made at the terminal."""

    title = "Name taken"

    def __init__(self, name: str, inviter: str | None) -> None:
        whom = inviter or "an administrator"
        message = f"The name {name} was taken meanwhile. Ask {whom} for an invitation with another name."
        super().__init__("invited name taken", message=message)


class MayNotInvite(DaypassError):
    """This account may not create such an invitation."""

    status = 403
    title = "Not allowed"
    message = "Only an administrator can invite people here."


class TooManyInvitations(DaypassError):
    """The account has as many open invitations as it may have."""

    status = 409
    title = "Too many open invitations"

    def __init__(self, allowed: int) -> None:
        message = f"You have {allowed} open invitations, which is the maximum. Revoke one first."
        super().__init__("too many open invitations", message=message)


class NoSuchInvitation(DaypassError):
    """No unused invitation has this id."""

    status = 404
    title = "No such invitation"
    message = "There is no such invitation any more. It was used or revoked."
