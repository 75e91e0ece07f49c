"""Refuse requests for hosts that are not ours (OWASP: host header injection)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from werkzeug.exceptions import SecurityError
from werkzeug.sansio.utils import host_is_trusted

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


def refuse_unknown_host(environ: "WSGIEnvironment") -> None:
    """Raise SecurityError if the request is for another host."""
    if UNKNOWN_HOST in environ:
        raise SecurityError
