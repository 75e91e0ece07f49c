"""Notices what a forgery must never cause: a connection, a look-up of a name, a command, a file opened by its wish."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from tests.security.forgeries.kid import KNOWN_FILES

REACHING_OUT = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "os.system", "subprocess.Popen"}


class Listener:
    """A server on loopback that counts connections, answers none, and tells its address as a URL."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._count, daemon=True)

    @property
    def url(self) -> str:
        """Where an attacker would keep keys."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/jwks.json"

    def connect(self) -> None:
        """Do what no forgery may cause; it has been counted when this returns."""
        with socket.create_connection(self._socket.getsockname()) as connection:
            connection.recv(1)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # shut down
                return
            self.connections += 1
            connection.close()


class _Auditor:
    """Python can only add audit hooks (PEP 578), never take one away: one is added, and asked to look or not."""

    def __init__(self) -> None:
        self.seen: list[str] | None = None
        self._added = False

    def add(self) -> None:
        if not self._added:
            sys.addaudithook(self._hear)
            self._added = True

    def _hear(self, event: str, details: tuple[Any, ...]) -> None:
        if self.seen is None:
            return
        if event in REACHING_OUT or (event == "open" and str(details[0]) in KNOWN_FILES):
            self.seen.append(event)


_auditor = _Auditor()


@contextmanager
def reaching_out() -> Iterator[list[str]]:
    """Every attempt of this process to reach out while the block runs, by the name of its audit event."""
    _auditor.add()
    seen: list[str] = []
    _auditor.seen = seen
    try:
        yield seen
    finally:
        _auditor.seen = None
