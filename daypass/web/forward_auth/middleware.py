"""Normalise the proxies' checks under /gate/ before Flask sees them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATHS = ("/gate/nginx", "/gate/forward")
REMOVED_HEADERS = ("HTTP_UPGRADE", "HTTP_CONNECTION")


class ForwardAuthMiddleware:
    """WSGI middleware that turns every check into a plain GET of our own host.

    Caddy copies the `Upgrade` of a WebSocket request, which Werkzeug would refuse. Proxies address Daypass by any
    internal name, so the Host of a check is ignored. As a GET, a check needs no protection from other sites.
    """

    def __init__(self, app: "WSGIApplication", authority: str) -> None:
        self._app = app
        self._authority = authority

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self._app(self._plain(environ) if environ.get("PATH_INFO") in PATHS else environ, start_response)

    def _plain(self, environ: "WSGIEnvironment") -> "WSGIEnvironment":
        kept = {name: value for name, value in environ.items() if name not in REMOVED_HEADERS}
        method = "HEAD" if environ["REQUEST_METHOD"] == "HEAD" else "GET"
        return kept | {"REQUEST_METHOD": method, "HTTP_HOST": self._authority}
