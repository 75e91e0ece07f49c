"""Record connections, name lookups, commands and opened files."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from tests.security.forgeries.kid import KNOWN_FILES

FORBIDDEN_EVENTS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "os.system", "subprocess.Popen"}


class Listener:
    """A server on loopback that counts connections and closes each at once."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._count, daemon=True)

    @property
    def url(self) -> str:
        """The URL of the attacker's key set."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/jwks.json"

    def connect(self) -> None:
        """Connect to the listener; returns once the connection has been counted."""
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
    """One audit hook, switched on and off: hooks cannot be removed (PEP 578)."""

    def __init__(self) -> None:
        self.events: list[str] | None = None
        self._added = False

    def add(self) -> None:
        if not self._added:
            sys.addaudithook(self._record)
            self._added = True

    def _record(self, event: str, details: tuple[Any, ...]) -> None:
        if self.events is None:
            return
        if event in FORBIDDEN_EVENTS or (event == "open" and str(details[0]) in KNOWN_FILES):
            self.events.append(event)


_auditor = _Auditor()


@contextmanager
def forbidden_events() -> Iterator[list[str]]:
    """The forbidden audit events of this process while the block runs, by name."""
    _auditor.add()
    events: list[str] = []
    _auditor.events = events
    try:
        yield events
    finally:
        _auditor.events = None
