"""The check for Traefik's ForwardAuth and Caddy's `forward_auth`.

Both relay every response except 2xx to the visitor.
"""

from typing import TYPE_CHECKING

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from daypass.errors import AmbiguousTarget
from daypass.net.request_target import RequestTarget, request_target
from daypass.runtime import Runtime
from daypass.tokens.errors import InvalidToken
from daypass.web.forward_auth.common import ProxyProtocol, reported, sign_in_url
from daypass.web.navigation import is_navigation

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


def requested_page(environ: "WSGIEnvironment") -> RequestTarget:
    """The page in `X-Forwarded-*`. Raises AmbiguousTarget."""
    _scheme(environ)
    return request_target(_host(environ), _target(environ), _method(environ))


def requested_url(environ: "WSGIEnvironment") -> str:
    """The URL of that page. Raises AmbiguousTarget."""
    return f"{_scheme(environ)}://{_host(environ)}{_target(environ)}"


def sign_in(runtime: Runtime, environ: "WSGIEnvironment", error: InvalidToken) -> Response:
    """Redirect page visits to the sign-in page. For other requests, raise the error again."""
    if not is_navigation(environ, runtime.settings):
        raise error
    return redirect(sign_in_url(runtime, requested_url(environ), _method(environ)))


def _scheme(environ: "WSGIEnvironment") -> str:
    try:
        return SCHEMES[reported(environ, "X-Forwarded-Proto")]
    except KeyError:
        raise AmbiguousTarget("X-Forwarded-Proto is not a known scheme") from None


def _host(environ: "WSGIEnvironment") -> str:
    return reported(environ, "X-Forwarded-Host")


def _target(environ: "WSGIEnvironment") -> str:
    return reported(environ, "X-Forwarded-Uri", separator=",/")


def _method(environ: "WSGIEnvironment") -> str:
    return reported(environ, "X-Forwarded-Method")


TRAEFIK_CADDY = ProxyProtocol("forward", requested_page, requested_url, sign_in)
