"""What proxies ask under /gate/, made plain before Flask sees it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATHS = ("/gate/nginx", "/gate/forward")
DROPPED = ("HTTP_UPGRADE", "HTTP_CONNECTION")


class ForwardAuthMiddleware:
    """WSGI middleware: a check is a plain GET of our own host, whatever the request is that it is about.

    Caddy leaves the `Upgrade` of a WebSocket in it, which Werkzeug would refuse; proxies call it by any internal name,
    which nothing is derived from; and as a GET it is no act that another site could cause.
    """

    def __init__(self, app: "WSGIApplication", authority: str) -> None:
        self._app = app
        self._authority = authority

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self._app(self._plain(environ) if environ.get("PATH_INFO") in PATHS else environ, start_response)

    def _plain(self, environ: "WSGIEnvironment") -> "WSGIEnvironment":
        kept = {name: value for name, value in environ.items() if name not in DROPPED}
        method = "HEAD" if environ["REQUEST_METHOD"] == "HEAD" else "GET"
        return kept | {"REQUEST_METHOD": method, "HTTP_HOST": self._authority}
