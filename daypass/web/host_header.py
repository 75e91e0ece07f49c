"""Refuse requests for hosts that are not ours (OWASP: host header injection)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.sansio.utils import host_is_trusted

from daypass.errors import AmbiguousTarget
from daypass.net.hosts import parse_host
from daypass.net.redirect_target import DEFAULT_PORTS
from daypass.settings.definitions import Settings
from daypass.web.client import is_from_trusted_proxy
from daypass.web.request_errors import UnknownHost

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNKNOWN_HOST = "daypass.unknown_host"  # key in the environ, of requests for other hosts
MAX_HOSTS = 64  # headers whose check is remembered


class HostCheck:
    """WSGI middleware that marks requests for other hosts than these. Ports are ignored."""

    def __init__(self, app: "WSGIApplication", hosts: Sequence[str]) -> None:
        self._app = app
        self._is_trusted = lru_cache(MAX_HOSTS)(partial(host_is_trusted, trusted_list=hosts))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        host = environ.get("HTTP_HOST")
        if not self._is_trusted(environ["SERVER_NAME"] if host is None else host):
            environ[UNKNOWN_HOST] = True
        return self._app(environ, start_response)


def refuse_unknown_host(environ: "WSGIEnvironment", settings: Settings) -> None:
    """Raise UnknownHost if the request is for another host."""
    if UNKNOWN_HOST in environ:
        raise UnknownHost(_requested_address(environ, settings), settings.base_url)


def _requested_address(environ: "WSGIEnvironment", settings: Settings) -> str | None:
    """The URL of the host that the request was for.

    None unless it is a valid host name or IP address, so that no other text of the client's is ever shown.
    """
    try:
        host, port = parse_host(environ.get("HTTP_HOST", ""))
    except AmbiguousTarget:
        return None
    scheme = _scheme(environ, settings)
    return f"{scheme}://{host}" if port in (None, DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def _scheme(environ: "WSGIEnvironment", settings: Settings) -> str:
    """The scheme that the visitor used; a trusted proxy that does not report it is taken to use that of BASE_URL."""
    if not is_from_trusted_proxy(environ, settings):
        return str(environ["wsgi.url_scheme"])
    reported = environ.get("HTTP_X_FORWARDED_PROTO")
    return reported if reported in DEFAULT_PORTS else urlsplit(settings.base_url).scheme
