"""Errors that a request can cause, each with its own status."""

from daypass.errors import DaypassError, InvalidRequest


class IncompleteBody(InvalidRequest):
    """The connection ended before the whole body arrived (RFC 9112 section 8)."""


class UnknownHost(DaypassError):
    """The request is for a host that is not ours (RFC 9112 section 3.2).

    requested: the URL of that host, or None if it is not valid. base_url: the address of Daypass.
    """

    status = 400
    title = "Wrong address"

    def __init__(self, requested: str | None, base_url: str) -> None:
        mismatch = f"This request was for {requested or 'another address'}, but Daypass is set up for {base_url}."
        advice = f" If the first address is right, set DAYPASS_BASE_URL={requested}." if requested else ""
        super().__init__("unknown host", message=mismatch + advice)


class CookieTooLong(DaypassError):
    """The Cookie header is longer than Daypass reads (RFC 6585 section 5)."""

    status = 431
    title = "Too many cookies"
    message = "Your browser sent too many cookies. Delete the cookies of this domain and try again."


class UnsupportedMediaType(InvalidRequest):
    """The route does not accept this media type."""

    status = 415
    title = "Bad request"
    message = "Send a form, or JSON with Content-Type: application/json."


class CrossSiteRequest(DaypassError):
    """An unsafe request that another site caused (OWASP CSRF Prevention)."""

    status = 403
    title = "Request from another site"
    message = "This request came from another site, so nothing was done."


class KeyRateLimited(DaypassError):
    """A key was generated for this account less than a second ago."""

    status = 429
    title = "Too fast"
    message = "You can generate one key per second. Wait a second and try again."
    retry_after = 1  # seconds


class ReauthenticationRequired(DaypassError):
    """The token is valid, but the password was entered too long ago (RFC 9470).

    max_age: the longest allowed time since then, in seconds. act: what the visitor is about to do.
    """

    status = 401
    title = "Confirm your password"

    def __init__(self, max_age: int, act: str, *, wrong_password: bool = False) -> None:
        self.max_age = max_age
        self.act = act
        self.wrong_password = wrong_password
        message = "Wrong password." if wrong_password else f"Enter your password to {act}."
        super().__init__("password entered too long ago", message=message)


class InterruptedRequestLost(DaypassError):
    """The request that a password prompt interrupted cannot be continued."""

    status = 422
    title = "Send the form again"
    message = "Your password was confirmed, but the form has expired, so nothing was done. Fill it in again."


class UntrustedProxy(DaypassError):
    """A proxy check that did not come from a trusted proxy.

    The response reveals nothing.
    """

    status = 403
    title = "Not allowed"
    message = "This address is only for the proxies of this site."


class AccessDenied(DaypassError):
    """The token is valid, or there is none, but the visitor may not see the page.

    scope_error: the description in the challenge `insufficient_scope` (RFC 6750 section 3.1); None for no challenge.
    """

    status = 403
    title = "Not allowed"

    def __init__(self, reason: str, message: str, *, scope_error: str | None = None) -> None:
        self.scope_error = scope_error
        super().__init__(reason, message=message)
