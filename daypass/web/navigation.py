"""Tell page visits from requests by scripts and programs."""

from typing import TYPE_CHECKING

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from daypass.settings.definitions import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def is_navigation(environ: "WSGIEnvironment", settings: Settings) -> bool:
    """Whether a browser will show the response as a page.

    Under `/api` all responses are JSON.
    """
    if environ["PATH_INFO"].startswith(f"{settings.prefix}/api/"):
        return False
    mode = environ.get("HTTP_SEC_FETCH_MODE")
    return mode == "navigate" if mode is not None else "text/html" in environ.get("HTTP_ACCEPT", "").lower()


def prefers_json(environ: "WSGIEnvironment") -> bool:
    """Whether the client accepts JSON rather than HTML (RFC 9110 section 12.5.1). `*/*` alone does not ask for JSON."""
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT", ""), MIMEAccept)
    return accepted.best_match(["text/html", "application/json"], default="text/html") == "application/json"
