"""The Cookie header: our one cookie is taken out of it in linear time, and the rest is dropped.

Werkzeug's parser needs quadratic time for some headers: 10 seconds for one of 32 kB.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import request

from daypass.audit.events import Event
from daypass.web import audit
from daypass.web.credentials import find_cookie
from daypass.web.request_errors import CookieTooLong

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_COOKIE_BYTES = 8192  # bytes; a longer header is refused
TOO_LONG = "daypass.cookie_too_long"  # in the environ: the header was too long, and is gone
TOKEN_CHARACTERS = re.compile(r"[A-Za-z0-9._-]*")


class CookieFilter:
    """WSGI middleware: the app sees the cookie of this name and no other, under its plainest spelling."""

    def __init__(self, app: "WSGIApplication", name: str) -> None:
        self._app = app
        self._name = name

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        header = environ.get("HTTP_COOKIE")
        if header is not None:
            environ["HTTP_COOKIE"] = self._own(header) if len(header) <= MAX_COOKIE_BYTES else ""
            environ[TOO_LONG] = len(header) > MAX_COOKIE_BYTES
        return self._app(environ, start_response)

    def _own(self, header: str) -> str:
        """The header with our cookie alone. What no token looks like is marked as such, and not passed on."""
        value = find_cookie(header, self._name)
        if value is None:
            return ""
        return f"{self._name}={value if TOKEN_CHARACTERS.fullmatch(value) else '!'}"


def refuse_long_cookie() -> None:
    """Raise CookieTooLong, logged, if the Cookie header was longer than MAX_COOKIE_BYTES."""
    if request.environ.get(TOO_LONG):
        audit.record(Event.TOKEN_REFUSED, "failure", reason="the Cookie header is too long")
        raise CookieTooLong("the Cookie header is too long")
