"""Answer the proxies' checks under /gate/ before Flask sees them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, request
from werkzeug.wrappers import Response

from daypass.audit.events import Event
from daypass.errors import AmbiguousTarget
from daypass.runtime import Runtime
from daypass.tokens.errors import InvalidToken
from daypass.web.client import is_from_trusted_proxy
from daypass.web.forward_auth.closed_page import CLOSED_PAGE, closed_page
from daypass.web.forward_auth.common import NO_ACCESS, Headers, ProxyProtocol, check_access
from daypass.web.forward_auth.nginx import NGINX
from daypass.web.forward_auth.traefik_caddy import TRAEFIK_CADDY
from daypass.web.request_errors import AccessDenied, UntrustedProxy
from daypass.web.security_headers import RELAYED
from daypass.web.verdict import RECORDED, hide_visitor, record_refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PROTOCOLS = {"/gate/nginx": NGINX, "/gate/forward": TRAEFIK_CADDY}
REMOVED_HEADERS = ("HTTP_UPGRADE", "HTTP_CONNECTION")
ERROR = "daypass.check_error"  # key in the environ: the error of a check, whose page Flask renders

pages = Blueprint("checks", __name__)


class ForwardAuthMiddleware:
    """WSGI middleware that answers checks, without the cost of Flask's dispatch.

    Checks that fail continue to the route below, whose error handlers render the page.
    """

    def __init__(self, app: "WSGIApplication", runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        protocol = PROTOCOLS.get(environ["PATH_INFO"])
        if protocol is None:
            return self._app(environ, start_response)
        make_plain(environ, self._runtime.settings.authority)
        environ[RELAYED] = protocol.name
        try:
            identity = _check(self._runtime, environ, protocol)
        except Exception as error:
            environ[ERROR] = error
            if isinstance(error, AccessDenied):
                environ[CLOSED_PAGE] = closed_page(self._runtime, environ, protocol)
            return self._app(environ, start_response)
        if isinstance(identity, Response):
            return identity(environ, start_response)
        start_response("200 OK", [*identity, ("Content-Length", "0")])
        return ()


def make_plain(environ: "WSGIEnvironment", authority: str) -> None:
    """Turn a check into a plain GET of our own host.

    Caddy copies the `Upgrade` of a WebSocket request, which Werkzeug would refuse. Proxies address Daypass by any
    internal name, so the Host of a check is ignored. As a GET, a check needs no protection from other sites.
    """
    for name in REMOVED_HEADERS:
        environ.pop(name, None)
    environ["REQUEST_METHOD"] = "HEAD" if environ["REQUEST_METHOD"] == "HEAD" else "GET"
    environ["HTTP_HOST"] = authority


def _check(runtime: Runtime, environ: "WSGIEnvironment", protocol: ProxyProtocol) -> Headers | Response:
    """The visitor's identity, or the response for visitors who have to sign in.

    Only trusted proxies may check, and ambiguous targets are refused (403). A request for the page that explains a
    refusal is always refused, even if the visitor has got access since.
    """
    if not is_from_trusted_proxy(environ, runtime.settings):
        hide_visitor(environ)
        record_refusal(runtime, environ, Event.PROXY_REFUSED, reason="not a trusted proxy")
        raise UntrustedProxy("not a trusted proxy")
    explains = protocol.explains(environ)
    if explains:
        environ[RECORDED] = True
    try:
        identity = check_access(runtime, environ, protocol.requested_page(environ))
    except AmbiguousTarget as error:
        record_refusal(runtime, environ, Event.PAGE_REFUSED, reason=error.reason)
        raise AccessDenied(error.reason, error.message) from None
    except InvalidToken as error:
        if not explains:
            return protocol.sign_in(runtime, environ, error)
    else:
        if not explains:
            return identity
    raise AccessDenied("refused by the proxy", NO_ACCESS)


@pages.get("/gate/nginx")
@pages.get("/gate/forward")
def error_page() -> str:
    """Raise the error of the check, for the error handlers."""
    raise request.environ[ERROR]
