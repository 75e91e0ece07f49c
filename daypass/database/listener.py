"""A thread that receives PostgreSQL's notifications, on a connection of its own."""

import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

CHANNEL = "daypass"  # the triggers of migration 0010 notify it
HEARTBEAT_SECONDS = 2.0  # of silence, after which the connection is tested
TRUST_SECONDS = 3.0  # since the server's last sign of life; afterwards the connection may be dead
REREAD_SECONDS = 5.0  # between calls of `when_idle`
RETRY_SECONDS = 0.5  # between attempts to connect
POOLED_RETRY_SECONDS = 60.0
CLOSE_SECONDS = 3.0  # how long `close` waits for the thread, which may be connecting

log = logging.getLogger("daypass")


class PooledConnection(Exception):
    """Between this process and PostgreSQL is a pooler, such as PgBouncer, which may not pass notifications on."""


class Listener:
    """Listens from its creation until it is closed, and reconnects by itself.

    connect: opens a connection of psycopg, in autocommit mode, that belongs to the listener. changed: called in the
    thread for each notification, and whenever a connection begins to listen, because what was committed before was not
    notified to it. when_idle: called every few seconds while it listens.
    """

    def __init__(self, connect: Callable[[], Any], changed: Callable[[], None], when_idle: Callable[[], None]) -> None:
        self._connect = connect
        self._changed = changed
        self._when_idle = when_idle
        self._alive_at = float("-inf")  # monotonic time of the server's last sign of life
        self._reported = False
        self._closed = False
        self._waker, self._wakes = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._thread.start()

    @property
    def is_listening(self) -> bool:
        """Whether every notification arrives: the connection has answered within the last seconds."""
        return time.monotonic() - self._alive_at < TRUST_SECONDS

    @property
    def is_running(self) -> bool:
        """Whether the thread runs. It does not in a process that was forked from the one that started it."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._closed = True
        if self.is_running:  # a forked process would wake the thread of its parent
            self._waker.send(b"\0")
            self._thread.join(CLOSE_SECONDS)
        if not self.is_running:
            self._waker.close()
            self._wakes.close()

    def _run(self) -> None:
        while not self._closed:
            pause = RETRY_SECONDS
            try:
                with self._connect() as connection:
                    self._listen(connection)
            except PooledConnection:
                pause = POOLED_RETRY_SECONDS
                self._report("notifications may not pass the connection pooler")
            except Exception as error:
                self._report(type(error).__name__)  # its text could name hosts and users
            self._alive_at = float("-inf")
            self._wait(pause)

    def _listen(self, connection: Any) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        if connection.info.backend_pid != connection.execute("SELECT pg_backend_pid()").fetchone()[0]:
            raise PooledConnection
        self._changed()
        self._alive_at = reread_at = time.monotonic()
        self._reported = False
        while not self._closed:
            if not self._wait(HEARTBEAT_SECONDS, connection):
                connection.execute("SELECT 1")
            for _ in connection.notifies(timeout=0):
                self._changed()
            self._alive_at = time.monotonic()
            if self._alive_at - reread_at >= REREAD_SECONDS:
                self._when_idle()
                reread_at = self._alive_at

    def _wait(self, seconds: float, *connections: Any) -> bool:
        """Wait until a connection has data, `close` is called, or the time is over; whether it was the first."""
        with selectors.DefaultSelector() as selector:
            for source in (self._wakes, *connections):
                selector.register(source, selectors.EVENT_READ)
            return any(key.fileobj is not self._wakes for key, _ in selector.select(seconds))

    def _report(self, reason: str) -> None:
        """Log a failure, once until a connection listens again."""
        if not self._reported:
            log.warning(
                "PostgreSQL's notifications are not received: %s; changes of other nodes take up to half a second",
                reason,
            )
        self._reported = True
