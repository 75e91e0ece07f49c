"""The small app behind the proxies: it answers with what it was asked, keeps note of it, and echoes WebSockets.

`/large` is a download of LARGE bytes.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from simple_websocket import ConnectionClosed, Server
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.helpers.server import free_port

LARGE = 24_000_000  # more than all buffers between two ends on one machine


@dataclass(frozen=True)
class Seen:
    """A request as it came over the wire: the headers under the very names that they had."""

    method: str
    target: str
    headers: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        """Every value of a header, by whatever of the spellings that apps read as the same one (`Remote_User`)."""
        return [value for told, value in self.headers if _as_in_environ(told) == _as_in_environ(name)]

    @property
    def identity(self) -> list[tuple[str, str]]:
        """Every header that tells who it is, or that an app could take for one; those that say nothing left out."""
        return sorted(
            (name, value) for name, value in self.headers if _as_in_environ(name).startswith("REMOTE_") and value
        )


def _as_in_environ(name: str) -> str:
    """The name that CGI, WSGI and PHP give a header: all but letters and digits is an underscore."""
    return "".join(letter if letter.isalnum() else "_" for letter in name.upper())


@dataclass
class App:
    """The running app, and all that ever reached it."""

    port: int = field(default_factory=free_port)
    seen: list[Seen] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        seen = Seen(request.method, environ["behind.target"], environ["behind.headers"])
        self.seen.append(seen)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            _echo(environ)
        if seen.target == "/large":
            return Response(bytes(LARGE), mimetype="application/octet-stream")(environ, start_response)
        told = {"method": seen.method, "target": seen.target, "body": request.get_data(as_text=True)}
        return Response(json.dumps(told), mimetype="application/json")(environ, start_response)


class Handler(WSGIRequestHandler):
    """Tells the app what WSGI leaves out of a request, and the standard error nothing."""

    def make_environ(self) -> dict[str, Any]:
        return super().make_environ() | {"behind.target": self.path, "behind.headers": self.headers.items()}

    def log(self, type: str, message: str, *args: Any) -> None:
        """Be silent."""


def _echo(environ: dict[str, Any]) -> None:
    """Send back what comes, until the other end has enough."""
    socket = Server(environ)
    try:
        while True:
            socket.send(socket.receive())
    except ConnectionClosed:
        raise ConnectionError from None  # there is nothing left to answer; Werkzeug takes it as such


@contextmanager
def running_app() -> Iterator[App]:
    """The app in a thread, for a `with` block."""
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
