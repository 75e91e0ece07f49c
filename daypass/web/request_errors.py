"""Errors of requests: each is answered with its own status."""

from daypass.errors import DaypassError, InvalidRequest


class IncompleteBody(InvalidRequest):
    """The connection ended before the whole body had arrived (RFC 9112 section 8)."""


class CookieTooLong(DaypassError):
    """The Cookie header is longer than Daypass reads (RFC 6585 section 5)."""

    status = 431
    title = "Too many cookies"
    message = "Your browser sent more cookies than this site reads. Delete those of this domain and try again."


class UnsupportedMediaType(InvalidRequest):
    """A body of a type that this route does not read."""

    status = 415
    title = "Bad request"
    message = "Send a form, or JSON with Content-Type: application/json."


class CrossSiteRequest(DaypassError):
    """An unsafe request that another site caused (OWASP Cross-Site Request Forgery Prevention)."""

    status = 403
    title = "Request from another site"
    message = "This request came from another site, so nothing was done."


class KeyRateLimited(DaypassError):
    """A key was created for this account less than a second ago; `retry_after` is in seconds."""

    status = 429
    title = "One key a second"
    message = "A key was created for you a moment ago. You can create one each second."
    retry_after = 1


class ReauthenticationRequired(DaypassError):
    """The token is valid, but the password was entered too long ago for this (RFC 9470); `max_age` is in seconds."""

    status = 401
    title = "Confirm your password"

    def __init__(self, max_age: int, message: str | None = None) -> None:
        self.max_age = max_age
        super().__init__("password entered too long ago", message=message or "Enter your password to continue.")


class InterruptedRequestLost(DaypassError):
    """The request that a password prompt interrupted cannot be continued."""

    status = 422
    title = "Send the form again"
    message = "Your password is confirmed, but the form is too old to be sent. Nothing was done. Send it again."


class UntrustedProxy(DaypassError):
    """A proxy check that no trusted proxy sent. The response reveals nothing."""

    status = 403
    title = "Not allowed"
    message = "This address is for the proxies of this site."


class AccessDenied(DaypassError):
    """The token, if any, is valid, but its holder may not see the page.

    scope_error: the description in the challenge `insufficient_scope` (RFC 6750 section 3.1); None for no challenge.
    """

    status = 403
    title = "Not allowed"

    def __init__(self, reason: str, message: str, *, scope_error: str | None = None) -> None:
        self.scope_error = scope_error
        super().__init__(reason, message=message)
