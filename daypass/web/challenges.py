"""Bearer challenges for the header WWW-Authenticate (RFC 6750 section 3)."""

from http import HTTPStatus

from werkzeug.http import quote_header_value

from daypass.errors import DaypassError
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web.request_errors import AccessDenied, ReauthenticationRequired


def challenge(error: DaypassError) -> str | None:
    """The challenge for an error, or None.

    It has no error code if the request had no token.
    """
    match error:
        case AccessDenied(scope_error=str(description)):
            return bearer(error="insufficient_scope", error_description=description)
        case ReauthenticationRequired(max_age=max_age):  # RFC 9470 section 3
            return bearer(
                error="insufficient_user_authentication",
                error_description="The password must have been entered more recently.",
                max_age=str(max_age),
            )
        case InvalidToken(fault=fault) if fault is not TokenFault.MISSING:
            return bearer(error="invalid_token", error_description=error.message)
    return bearer() if error.status == HTTPStatus.UNAUTHORIZED else None


def bearer(**parameters: str) -> str:
    """A Bearer challenge with these parameters, each quoted."""
    quoted = {"realm": "Daypass", **parameters}.items()
    return "Bearer " + ", ".join(f"{name}={quote_header_value(value, allow_token=False)}" for name, value in quoted)
