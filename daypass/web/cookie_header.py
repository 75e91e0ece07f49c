"""Reduce the Cookie header to Daypass's own cookies, in linear time.

Werkzeug's parser takes quadratic time for some headers: 10 seconds for one of 32 kB.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from daypass.audit.events import Event
from daypass.web import audit
from daypass.web.credentials import find_cookie
from daypass.web.request_errors import CookieTooLong

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_COOKIE_BYTES = 8192  # requests with a longer header are refused
TOO_LONG = "daypass.cookie_too_long"  # key in the environ, if the header was too long, and was removed
TOKEN_CHARACTERS = re.compile(r"[A-Za-z0-9._-]*+")


class CookieFilter:
    """WSGI middleware that removes all cookies but the ones with these names."""

    def __init__(self, app: "WSGIApplication", *names: str) -> None:
        self._app = app
        self._names = names
        self._own_only = _own_only(names)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        header = environ.get("HTTP_COOKIE")
        if header is not None and len(header) > MAX_COOKIE_BYTES:
            environ["HTTP_COOKIE"] = ""
            environ[TOO_LONG] = True
        elif header is not None and not self._own_only.fullmatch(header):
            environ["HTTP_COOKIE"] = self._own_cookies(header)
        return self._app(environ, start_response)

    def _own_cookies(self, header: str) -> str:
        """The header with only our cookies.

        A value that cannot be a token is replaced with `!`.
        """
        values = {name: find_cookie(header, name) for name in self._names}
        found = {name: value for name, value in values.items() if value is not None}
        return "; ".join(
            f"{name}={value if TOKEN_CHARACTERS.fullmatch(value) else '!'}" for name, value in found.items()
        )


def _own_only(names: Sequence[str]) -> re.Pattern[str]:
    """Matches headers that need no change: some of these cookies, each once, as browsers write them.

    A tree of the orders, so that no cookie is read twice.
    """
    return re.compile(_some_of(names))


def _some_of(names: Sequence[str]) -> str:
    branches = []
    for name in names:
        others = _some_of([other for other in names if other != name])
        branches.append(f"{name}={TOKEN_CHARACTERS.pattern}" + (f"(?:; {others})?+" if others else ""))
    return f"(?:{'|'.join(branches)})" if branches else ""


def refuse_long_cookie(environ: "WSGIEnvironment") -> None:
    """Raise CookieTooLong, logged, if the Cookie header was too long."""
    if TOO_LONG in environ:
        audit.record(Event.TOKEN_REFUSED, "failure", reason="the Cookie header is too long")
        raise CookieTooLong("the Cookie header is too long")
