"""Call back when a session has ended, in whatever process that happened: to close a WebSocket, for example."""

import logging
import threading
from collections.abc import Callable

from daypass.errors import ServiceUnavailable
from daypass.tokens.errors import InvalidToken

POLL_SECONDS = 0.5

log = logging.getLogger("daypass")


class SessionWatch:
    """Waits for sessions to end. Its thread runs only while somebody waits.

    refresh: updates what this process knows of ended sessions; may raise ServiceUnavailable.
    check: raises InvalidToken if the session with this id has ended.
    """

    def __init__(self, refresh: Callable[[], None], check: Callable[[str], None]) -> None:
        self._refresh = refresh
        self._check = check
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Callable[[], None]]] = {}
        self._is_running = False

    def add(self, session_id: str, callback: Callable[[], None]) -> Callable[[], None]:
        """Call the callback once, in a thread, when the session has ended.

        Returns a function that cancels this.
        """
        with self._lock:
            self._waiting.setdefault(session_id, []).append(callback)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="session watch", daemon=True).start()

        def cancel() -> None:
            with self._lock:
                callbacks = self._waiting.get(session_id, [])
                if callback in callbacks:
                    callbacks.remove(callback)
                if not callbacks:
                    self._waiting.pop(session_id, None)

        return cancel

    def _run(self) -> None:
        pause = threading.Event()
        while self._goes_on():
            for callback in self._due():
                try:
                    callback()
                except Exception:
                    log.exception("a callback for an ended session failed")
            pause.wait(POLL_SECONDS)

    def _goes_on(self) -> bool:
        with self._lock:
            self._is_running = bool(self._waiting)
            return self._is_running

    def _due(self) -> list[Callable[[], None]]:
        """The callbacks of the sessions that have ended, which no longer wait."""
        try:
            self._refresh()
        except ServiceUnavailable:
            return []  # the next attempt follows
        with self._lock:
            ended = [session_id for session_id in self._waiting if self._has_ended(session_id)]
            return [callback for session_id in ended for callback in self._waiting.pop(session_id)]

    def _has_ended(self, session_id: str) -> bool:
        try:
            self._check(session_id)
        except InvalidToken:
            return True
        return False
