"""A file server, which Traefik needs for a folder: it serves none by itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(SimpleHTTPRequestHandler):
    """Python's own, silent."""

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """The server of this folder for a `with` block; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
