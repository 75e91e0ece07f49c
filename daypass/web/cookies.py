"""The one cookie: it carries the token and nothing else (RFC 6265bis)."""

from datetime import UTC, datetime

from flask import Request
from werkzeug.wrappers import Response

from daypass.settings.definitions import Settings
from daypass.tokens.claims import Claims
from daypass.web.cookie_header import find_cookie


def read(request: Request, settings: Settings) -> str | None:
    """The token that the request's cookie carries, or None; of several cookies of the name the first counts."""
    return find_cookie(request.environ.get("HTTP_COOKIE", ""), settings.cookie_name)


def put(response: Response, settings: Settings, token: str, claims: Claims) -> None:
    """Set the cookie for as long as the token is good."""
    _forget_own(response, settings)
    left = claims.expires_at - datetime.now(UTC)
    response.set_cookie(
        settings.cookie_name,
        token,
        max_age=max(0, int(left.total_seconds())),
        path="/",
        domain=settings.cookie_domain or None,
        secure=settings.https,
        httponly=True,
        samesite="Lax",
    )


def clear(response: Response, settings: Settings) -> None:
    """Delete the cookie: same name, path, domain and attributes, or a browser keeps it."""
    _forget_own(response, settings)
    _delete(response, settings, settings.cookie_name, settings.cookie_domain or None)


def _forget_own(response: Response, settings: Settings) -> None:
    """Where hosts share the cookie: delete the one of before, which under the same name would be read first.

    It has to stand before what sets the shared one: browsers of RFC 6265 take the two for one where the host is the
    domain itself.
    """
    if settings.cookie_domain:
        _delete(response, settings, settings.own_cookie_name, None)


def _delete(response: Response, settings: Settings, name: str, domain: str | None) -> None:
    response.delete_cookie(name, path="/", domain=domain, secure=settings.https, httponly=True, samesite="Lax")


def is_in(response: Response, settings: Settings) -> bool:
    """Whether the response sets or clears the cookie already."""
    return any(line.startswith(f"{settings.cookie_name}=") for line in response.headers.getlist("Set-Cookie"))
