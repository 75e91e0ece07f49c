"""A limit on log lines per minute, so that a flood of events does not fill the disk."""

import json
import logging
import threading
import time

MAX_EVENTS_PER_MINUTE = 600  # lines per event and process


class LineRateLimit(logging.Filter):
    """Writes a limited number of lines per event and minute, then reports in the next minute how many were dropped.

    Lines without an event are counted by the place in the code that logs them.
    """

    def __init__(self, max_lines: int = MAX_EVENTS_PER_MINUTE) -> None:
        super().__init__()
        self._max_lines = max_lines
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        event = getattr(record, "event", None)
        key = event or f"{record.name} {record.pathname} {record.lineno}"
        with self._lock:
            dropped = self._start_minute(int(time.monotonic() // 60))
            self._counts[key] = self._counts.get(key, 0) + 1
            count = self._counts[key]
        if dropped and event:
            record.msg = json.dumps(json.loads(record.msg) | {"left_out_before": dropped}, ensure_ascii=True)
        elif dropped:
            record.msg = f"{record.msg} ({dropped} earlier lines dropped)"
        return count <= self._max_lines

    def _start_minute(self, minute: int) -> int:
        """Start a new minute, if one has begun; returns how many lines the last one dropped."""
        if minute == self._minute:
            return 0
        dropped = sum(max(0, count - self._max_lines) for count in self._counts.values())
        self._minute, self._counts = minute, {}
        return dropped
