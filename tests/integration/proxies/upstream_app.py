"""The app behind the proxies: it records requests and echoes WebSockets.

`/large` is a download of LARGE bytes, `/own-403` the app's own refusal, and `/menu?URL` a page with a link to this URL.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

from simple_websocket import ConnectionClosed, Server
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.helpers.server import free_port

LARGE = 24_000_000  # bytes; more than all socket buffers between client and server


@dataclass(frozen=True)
class SeenRequest:
    """A request as received, with the header names exactly as sent."""

    method: str
    target: str
    headers: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        """All values of a header, also under equivalent names (`Remote_User`)."""
        return [value for sent, value in self.headers if _as_in_environ(sent) == _as_in_environ(name)]

    @property
    def identity(self) -> list[tuple[str, str]]:
        """All non-empty headers that an app could take for the visitor's identity."""
        return sorted(
            (name, value) for name, value in self.headers if _as_in_environ(name).startswith("REMOTE_") and value
        )


def _as_in_environ(name: str) -> str:
    """A header's name in CGI, WSGI and PHP, with `_` for other characters."""
    return "".join(letter if letter.isalnum() else "_" for letter in name.upper())


@dataclass
class App:
    """The running app, and every request that reached it."""

    port: int = field(default_factory=free_port)
    seen: list[SeenRequest] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        seen = SeenRequest(request.method, environ["upstream.target"], environ["upstream.headers"])
        self.seen.append(seen)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            _echo(environ)
        if seen.target == "/large":
            return Response(bytes(LARGE), mimetype="application/octet-stream")(environ, start_response)
        if seen.target.startswith("/menu?"):
            menu = f'<a href="{escape(seen.target.removeprefix("/menu?"))}">Leave</a>'
            return Response(menu, mimetype="text/html")(environ, start_response)
        if seen.target == "/own-403":
            return Response("the app's own refusal", 403)(environ, start_response)
        body = {"method": seen.method, "target": seen.target, "body": request.get_data(as_text=True)}
        return Response(json.dumps(body), mimetype="application/json")(environ, start_response)


class Handler(WSGIRequestHandler):
    """Adds to the environ what WSGI leaves out of a request; logs nothing."""

    def make_environ(self) -> dict[str, Any]:
        return super().make_environ() | {"upstream.target": self.path, "upstream.headers": self.headers.items()}

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing."""


def _echo(environ: dict[str, Any]) -> None:
    """Send back every message until the client closes the connection."""
    socket = Server(environ)
    try:
        while True:
            socket.send(socket.receive())
    except ConnectionClosed:
        raise ConnectionError from None  # makes Werkzeug close the connection without a response


@contextmanager
def running_app() -> Iterator[App]:
    """The app in a thread, while the `with` block runs."""
    app = App()
    server = make_server("127.0.0.1", app.port, app, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
