"""The cookies of Daypass (RFC 6265bis).

They hold the token, guest links, the device by which an account knows a browser, and a message for the next page.
"""

from datetime import UTC, datetime, timedelta

from werkzeug.wrappers import Response

from daypass.settings.definitions import Settings
from daypass.tokens.claims import Claims
from daypass.tokens.purposes import DEVICE_LIFETIME

KEPT_AFTER_EXPIRY = timedelta(days=3)
MESSAGE_SECONDS = 60


def set_token(response: Response, settings: Settings, token: str, claims: Claims) -> None:
    """Set the cookie of the token. Browsers keep it a while longer, so that a page can say when the token expired."""
    _delete_host_cookie(response, settings)
    left = claims.expires_at + KEPT_AFTER_EXPIRY - datetime.now(UTC)
    _set(response, settings, settings.cookie_name, token, left.total_seconds(), settings.cookie_domain or None)


def set_device(response: Response, settings: Settings, token: str) -> None:
    """Set the device cookie, for this host alone. Visitors can do without it."""
    _set(response, settings, settings.device_cookie_name, token, DEVICE_LIFETIME, None)


def set_guest(response: Response, settings: Settings, codes: str, expires_at: datetime) -> None:
    """Set the cookie with the codes of guest links, for the hosts that get the cookie of the token."""
    left, domain = expires_at - datetime.now(UTC), settings.cookie_domain or None
    _set(response, settings, settings.guest_cookie_name, codes, left.total_seconds(), domain)


def set_message(response: Response, settings: Settings, message: str) -> None:
    """Set the cookie with the message that the next page shows, for this host alone."""
    _set(response, settings, settings.message_cookie_name, message, MESSAGE_SECONDS, None)


def clear_message(response: Response, settings: Settings) -> None:
    """Delete the cookie of the message."""
    _delete(response, settings, settings.message_cookie_name, None)


def clear_device(response: Response, settings: Settings) -> None:
    """Delete the device cookie."""
    _delete(response, settings, settings.device_cookie_name, None)


def clear_token(response: Response, settings: Settings) -> None:
    """Delete the cookie of the token.

    Browsers keep it unless name, path, domain and attributes match.
    """
    _delete_host_cookie(response, settings)
    _delete(response, settings, settings.cookie_name, settings.cookie_domain or None)


def _delete_host_cookie(response: Response, settings: Settings) -> None:
    """If hosts share a cookie, delete the cookie of this host alone.

    It has the same name, and would be read first.

    Do this before setting the shared cookie: if the host is the domain itself, both are the same cookie (RFC 6265).
    """
    if settings.cookie_domain:
        _delete(response, settings, settings.own_cookie_name, None)


def _set(response: Response, settings: Settings, name: str, value: str, seconds: float, domain: str | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max(0, int(seconds)),
        path="/",
        domain=domain,
        secure=settings.https,
        httponly=True,
        samesite="Lax",
    )


def _delete(response: Response, settings: Settings, name: str, domain: str | None) -> None:
    response.delete_cookie(name, path="/", domain=domain, secure=settings.https, httponly=True, samesite="Lax")


def sets_token(response: Response, settings: Settings) -> bool:
    """Whether the response sets or clears the cookie of the token."""
    return any(line.startswith(f"{settings.cookie_name}=") for line in response.headers.getlist("Set-Cookie"))
