"""Where visitors sign in, in an app without the pages of Daypass."""

from functools import partial
from urllib.parse import quote

from flask import request, url_for

from daypass.net.request_target import SAFE_METHODS
from daypass.settings.definitions import Settings
from daypass.web.bare_errors import LoginUrl
from daypass.web.requested_url import requested_url


def at_view(endpoint: str | None) -> LoginUrl:
    """The app's own sign-in view, with the requested path as the argument `next`; None without a view."""
    return partial(_at_view, endpoint)


def at_issuer(settings: Settings) -> LoginUrl:
    """The sign-in page of the issuer, with the requested URL as the argument `next`.

    The issuer redirects back to it if its rules name the host.
    """
    return partial(_at_issuer, settings)


def _at_view(endpoint: str | None) -> str | None:
    return None if endpoint is None else url_for(endpoint, next=_asked_for())


def _at_issuer(settings: Settings) -> str:
    origin = settings.base_url.removesuffix(settings.home.removesuffix("/"))
    return f"{settings.issuer}/login?next={quote(origin + _asked_for(), safe='')}"


def _asked_for() -> str:
    """The path and query of the request; without those of a form, which cannot be opened again."""
    return requested_url() if request.method in SAFE_METHODS else f"{request.script_root}/"
