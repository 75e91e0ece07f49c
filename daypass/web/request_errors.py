"""Requests that are refused before a view runs, or by it."""

from daypass.errors import DaypassError, InvalidRequest


class IncompleteBody(InvalidRequest):
    """The connection ended before the whole body had arrived (RFC 9112 section 8)."""


class CookieTooLong(DaypassError):
    """The Cookie header is longer than Daypass reads (RFC 6585 section 5)."""

    status = 431
    title = "Too many cookies"
    sentence = "Your browser sent more cookies than this site reads. Delete those of this domain and try again."


class UnsupportedMediaType(InvalidRequest):
    """A body of a type that this route does not read."""

    status = 415
    title = "Not understood"
    sentence = "Send a form, or JSON with Content-Type: application/json."


class CrossSiteRequest(DaypassError):
    """An unsafe request that another site caused (OWASP Cross-Site Request Forgery Prevention)."""

    status = 403
    title = "Not from here"
    sentence = "This request came from another site, so nothing was done."


class KeyRateLimited(DaypassError):
    """One key was made for this person less than a second ago; `retry_after` is in seconds."""

    status = 429
    title = "One key a second"
    sentence = "A key was made for you a moment ago. You can have one each second."
    retry_after = 1


class ReauthenticationRequired(DaypassError):
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
