"""Guests: visitors whose cookie has codes of guest links. They are asked for only where the rules admit nobody else.

The cookie holds the codes themselves, and the database tells what they open, so there is no token to forge or to
confuse with another, and a revoked link opens nothing from the next request on.
"""

import re
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from daypass.errors import ServiceUnavailable
from daypass.guest_links import links
from daypass.guest_links.coverage import Decide, Guest, SharedPath
from daypass.net.request_target import RequestTarget
from daypass.runtime import Runtime
from daypass.web import cookies
from daypass.web.credentials import find_cookie

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_LINKS = 8  # that a browser keeps; a further one replaces the one opened longest ago
CODES = re.compile(rf"[\w-]{{32}}(?:\.[\w-]{{32}}){{0,{MAX_LINKS - 1}}}", re.ASCII)


def opens_for_guest(runtime: Runtime, environ: "WSGIEnvironment", page: RequestTarget, decide: Decide) -> bool:
    """Whether the visitor has a guest link that opens the page. decide: the rules. Raises ServiceUnavailable."""
    found = guest(runtime, environ)
    return found is not None and found.opens(page, decide)


def guest(runtime: Runtime, environ: "WSGIEnvironment") -> Guest | None:
    """The visitor's valid guest links; None for visitors without the cookie, who cost no query.

    Raises ServiceUnavailable.
    """
    codes = _presented_codes(runtime, environ)
    return Guest(tuple(_active(runtime, codes).values())) if codes else None


def remember(runtime: Runtime, environ: "WSGIEnvironment", response: Response, code: str, shared: SharedPath) -> None:
    """Add a link to the visitor's cookie, before those that still work. Raises ServiceUnavailable."""
    others = [other for other in _presented_codes(runtime, environ) if other != code]
    active = {code: shared} | _active(runtime, others) if others else {code: shared}
    kept = [kept for kept in (code, *others) if kept in active][:MAX_LINKS]
    expires_at = max(active[kept_code].expires_at for kept_code in kept)
    cookies.set_guest(response, runtime.settings, ".".join(kept), expires_at)


def _presented_codes(runtime: Runtime, environ: "WSGIEnvironment") -> list[str]:
    text = find_cookie(environ.get("HTTP_COOKIE", ""), runtime.settings.guest_cookie_name)
    return text.split(".") if text is not None and CODES.fullmatch(text) else []


def _active(runtime: Runtime, codes: list[str]) -> dict[str, SharedPath]:
    try:
        with runtime.engine.connect() as connection:
            return links.find_active(connection, codes)
    except SQLAlchemyError as error:
        raise ServiceUnavailable(f"database: {type(error).__name__}") from error
