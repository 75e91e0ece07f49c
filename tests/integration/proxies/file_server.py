"""A file server for Traefik, which cannot serve a folder itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(SimpleHTTPRequestHandler):
    """Python's request handler, without its log."""

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def running_file_server(folder: Path) -> Iterator[int]:
    """Serve this folder while the `with` block runs; yields the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
