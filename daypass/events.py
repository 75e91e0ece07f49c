"""One JSON line for each authentication event (OWASP Logging Cheat Sheet, ASVS V16)."""

import json
import logging
import secrets
import sys
import threading
import time
from datetime import UTC, datetime

from flask import g, has_request_context, request

from daypass import proxies

MOST_PER_MINUTE = 600  # lines of one event and process: a flood of refusals does not fill the disk

log = logging.getLogger("daypass.events")


def record(event: str, outcome: str, **facts: str | None) -> None:
    """Log an event: `sign_in`, `token_refused` ...; outcome is `success` or `failure`.

    Never give it a password or a token. Everything else is escaped: control characters cannot start a new line.
    """
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, "outcome": outcome}
    log.info(json.dumps(line | _asker() | facts, ensure_ascii=True), extra={"event": f"{event} {outcome}"})


def request_id() -> str:
    """The id of the current request, the same in the log and on an error page."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    identifier: str = g.request_id
    return identifier


def _asker() -> dict[str, str | None]:
    if not has_request_context():
        return {"address": None, "path": None, "request": None}
    return {
        "address": proxies.client_address(request),
        "method": request.method[:16],
        "path": request.path[:256],
        "user_agent": request.user_agent.string[:256],
        "request": request_id(),
    }


class Flood(logging.Filter):
    """Lets through so many lines of each event and minute; the first line of the next minute tells what is missing.

    The lines of one place in the code are one event where they name none.
    """

    def __init__(self, most: int = MOST_PER_MINUTE) -> None:
        super().__init__()
        self._most = most
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        event = getattr(record, "event", None)
        key = event or f"{record.name} {record.pathname} {record.lineno}"
        with self._lock:
            lost = self._turn(int(time.monotonic() // 60))
            self._counts[key] = self._counts.get(key, 0) + 1
            seen = self._counts[key]
        if lost and event:
            record.msg = json.dumps(json.loads(record.msg) | {"left_out_before": lost}, ensure_ascii=True)
        elif lost:
            record.msg = f"{record.msg} ({lost} lines left out before)"
        return seen <= self._most

    def _turn(self, minute: int) -> int:
        """Begin a new minute, if it is one, and tell how many lines the last one left out."""
        if minute == self._minute:
            return 0
        lost = sum(max(0, count - self._most) for count in self._counts.values())
        self._minute, self._counts = minute, {}
        return lost


def init_logging() -> None:
    """Send events to the standard error, one a line."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        handler.addFilter(Flood())
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
