"""A limit on log lines per minute, so that a flood of events does not fill the disk."""

import json
import logging
import threading
import time

MAX_EVENTS_PER_MINUTE = 600  # lines of one event and process: a flood of refusals does not fill the disk


class LineRateLimit(logging.Filter):
    """Lets through so many lines of each event and minute; the first line of the next minute tells what is missing.

    The lines of one place in the code are one event where they name none.
    """

    def __init__(self, most: int = MAX_EVENTS_PER_MINUTE) -> None:
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
