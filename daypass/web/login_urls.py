"""Where visitors sign in, in an app without the pages of Daypass."""

import logging
from functools import lru_cache, partial
from urllib.parse import urlencode

from flask import request, url_for

from daypass.net.request_target import SAFE_METHODS
from daypass.settings.definitions import TOKEN_COOKIE_NAMES, Settings
from daypass.web.bare_errors import LoginUrl
from daypass.web.requested_url import requested_url

OTHER_COOKIE = (
    "a visitor has the cookie of a pass under another name; if that happens to all, DAYPASS_COOKIE_DOMAIN is not the "
    "same as at %s, or only one of the two addresses begins with https://"
)

log = logging.getLogger("daypass")


def at_view(endpoint: str | None) -> LoginUrl:
    """The app's own sign-in view, with the requested path as the argument `next`; None without a view."""
    return partial(_at_view, endpoint)


def at_issuer(settings: Settings) -> LoginUrl:
    """The sign-in page of the issuer, with the requested URL as the argument `next`.

    The issuer redirects back to it if its rules name the host.
    """
    return partial(_at_issuer, settings)


def _at_view(endpoint: str | None) -> str | None:
    if endpoint is None or request.endpoint == endpoint:
        return None
    return url_for(endpoint, next=_asked_for())


def _at_issuer(settings: Settings) -> str:
    """Visitors whose cookie was refused have to sign in again: a page that accepts it would send them back for ever."""
    presented = TOKEN_COOKIE_NAMES & set(request.cookies)
    if presented and settings.cookie_name not in presented:
        _warn_once(settings.issuer)
    origin = settings.base_url.removesuffix(settings.home.removesuffix("/"))
    again = {"switch": "1"} if presented else {}
    return f"{settings.issuer}/login?{urlencode({'next': origin + _asked_for()} | again)}"


@lru_cache(maxsize=16)
def _warn_once(issuer: str) -> None:
    log.warning(OTHER_COOKIE, issuer)


def _asked_for() -> str:
    """The path and query of the request; without those of a form, which cannot be opened again."""
    return requested_url() if request.method in SAFE_METHODS else f"{request.script_root}/"
