"""Complete the headers of every response: its security headers, and the id of its request."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from daypass.settings.definitions import Settings
from daypass.web.client import is_from_trusted_proxy
from daypass.web.request_id import ENVIRON_KEY, request_id
from daypass.web.security_headers import GATED_RESPONSE, OWN_RESPONSE, SecurityHeaders
from daypass.web.start_response import Headers, before_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ResponseHeaders:
    """WSGI middleware. It adds to the finished list of headers, which is much cheaper than to Flask's response.

    everywhere: whether it completes all responses. Otherwise those of views with `@token_required` are only kept out of
    caches, and those of other views stay as they are.
    """

    def __init__(self, app: "WSGIApplication", settings: Settings, *, everywhere: bool) -> None:
        self._app = app
        self._everywhere = everywhere
        self._settings = settings
        self._security = SecurityHeaders(settings)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        _use_reported_id(environ, self._settings)

        def complete(status: str, headers: Headers) -> None:
            if self._everywhere or OWN_RESPONSE in environ:
                headers.extend(self._security.missing(environ, headers))
                headers.append(("X-Request-Id", request_id(environ)))
            elif GATED_RESPONSE in environ and not _names(headers, "cache-control"):
                headers.append(("Cache-Control", "no-store"))

        return self._app(environ, before_response(start_response, complete))


def _use_reported_id(environ: "WSGIEnvironment", settings: Settings) -> None:
    """Use the id that a trusted proxy sent in X-Request-Id. Other text is ignored."""
    reported = environ.get("HTTP_X_REQUEST_ID")
    if reported is not None and REQUEST_ID.fullmatch(reported) and is_from_trusted_proxy(environ, settings):
        environ[ENVIRON_KEY] = reported


def _names(headers: Headers, wanted: str) -> bool:
    return any(name.lower() == wanted for name, _ in headers)
