"""Serve whole files of the static site before Flask sees the request."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from werkzeug.http import is_resource_modified
from werkzeug.routing import Map
from werkzeug.wsgi import get_path_info

from daypass.errors import DaypassError
from daypass.gate import Pass
from daypass.runtime import Runtime
from daypass.static_site.files import NotServed, OpenFile
from daypass.web import renewal
from daypass.web.cookie_header import TOO_LONG
from daypass.web.host_header import UNKNOWN_HOST
from daypass.web.security_headers import SITE_FILE
from daypass.web.static_site.access import open_for
from daypass.web.static_site.file_response import (
    BLOCK_BYTES,
    Blocks,
    accepted_encodings,
    content_headers,
    validators,
)
from daypass.web.verdict import verdict

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# requests that have one of these in their environ are for Flask: they are refused, or want a part of the file
FOR_FLASK = {UNKNOWN_HOST, TOO_LONG, "HTTP_RANGE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"}
COPY = {"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"}  # in the environ if the browser has a copy of the file


class StaticSiteMiddleware:
    """WSGI middleware that serves whole files to visitors who may see them, without the cost of Flask's dispatch.

    All other requests continue to Flask, whose route for the site refuses, redirects, sends parts and renews sessions.
    The gate's verdict goes with them, so nothing is decided or logged twice.
    """

    def __init__(self, app: "WSGIApplication", runtime: Runtime, url_map: Map, endpoint: str) -> None:
        self._app = app
        self._runtime = runtime
        self._url_map = url_map
        self._endpoint = endpoint

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        found = self._open(environ) if self._is_for_file(environ) else None
        if not isinstance(found, OpenFile):
            return self._app(environ, start_response)
        environ[SITE_FILE] = True
        return _respond(environ, start_response, found)

    def _is_for_file(self, environ: "WSGIEnvironment") -> bool:
        first = environ["PATH_INFO"][1:].partition("/")[0]
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and first not in self._reserved
            and FOR_FLASK.isdisjoint(environ)
        )

    @cached_property
    def _reserved(self) -> set[str]:
        """The first names of all paths that have other routes, known when the first request is made."""
        return {rule.rule.split("/")[1] for rule in self._url_map.iter_rules() if rule.endpoint != self._endpoint}

    def _open(self, environ: "WSGIEnvironment") -> OpenFile | NotServed | None:
        """Open the file. What is not an OpenFile is left to Flask, and so are errors, for which it has pages."""
        try:
            public = self._open_for(environ, None)
            return self._open_for_pass(environ) if public is None else public
        except (OSError, DaypassError):
            return None

    def _open_for_pass(self, environ: "WSGIEnvironment") -> OpenFile | NotServed | None:
        """Open the file for a browser that is signed in, unless its session is to be renewed."""
        visitor, now = verdict(self._runtime, environ), datetime.now(UTC)
        if not isinstance(visitor, Pass) or visitor.is_api_token:
            return None
        if renewal.is_due(visitor.claims, self._runtime.settings, now):
            return None
        found = self._open_for(environ, visitor)
        if isinstance(found, OpenFile):
            self._runtime.activity.note(visitor.claims, now)
        return found

    def _open_for(self, environ: "WSGIEnvironment", visitor: Pass | None) -> OpenFile | NotServed | None:
        path, encodings = get_path_info(environ)[1:], accepted_encodings(environ)
        return open_for(self._runtime, environ["REQUEST_METHOD"], path, visitor, encodings)


def _respond(environ: "WSGIEnvironment", start_response: "StartResponse", found: OpenFile) -> Iterable[bytes]:
    """Send the file, unless the browser's copy is current (RFC 9110 section 13)."""
    if not COPY.isdisjoint(environ) and _is_current(environ, found):
        found.file.close()
        start_response("304 Not Modified", validators(found))
        return ()
    start_response("200 OK", content_headers(found) + validators(found))
    return _body(environ, found)


def _is_current(environ: "WSGIEnvironment", found: OpenFile) -> bool:
    modified = datetime.fromtimestamp(found.modified // 10**9, UTC)
    return not is_resource_modified(environ, found.etag, last_modified=modified)


def _body(environ: "WSGIEnvironment", found: OpenFile) -> Iterable[bytes]:
    if found.size > BLOCK_BYTES and environ["REQUEST_METHOD"] == "GET":
        return Blocks(found)
    with found.file as file:
        return () if environ["REQUEST_METHOD"] == "HEAD" else (file.read(found.size),)
