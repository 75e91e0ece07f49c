"""The plain lines of the log: warnings, errors and tracebacks, of Daypass, its libraries and the server."""

import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Any, TextIO

from daypass.audit.line_rate_limit import LineRateLimit

MAX_LINES_PER_MINUTE = 60  # lines, or tracebacks, of one place in the code and process

log = logging.getLogger("daypass")


class UtcFormatter(logging.Formatter):
    """Time in UTC (ISO 8601), level and message. All further lines of a message are indented, so that none can be
    mistaken for a line of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """The moment of the line, with milliseconds."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and what belongs to it."""
        return "\n  ".join(super().format(record).splitlines())


class StandardError(logging.StreamHandler[TextIO]):
    """Writes warnings and errors to the standard error as it is at that moment, at most so many in a minute."""

    def __init__(self) -> None:
        logging.Handler.__init__(self, logging.WARNING)
        self.setFormatter(UtcFormatter())
        self.addFilter(LineRateLimit(MAX_LINES_PER_MINUTE))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Where it writes to."""
        return sys.stderr


GRANIAN_LOGGING: dict[str, Any] = {  # what takes the place of the parts of granian.log.LOGGING_CONFIG
    "handlers": {"console": {"()": "daypass.server_log.StandardError"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}


def init_logging() -> None:
    """Send what no other handler takes to the standard error. Flask adds no handler of its own beside it."""
    if not any(isinstance(handler, StandardError) for handler in log.handlers):
        log.addHandler(handler := StandardError())
        logging.lastResort = handler


def log_all_errors() -> None:
    """Log Python's warnings, and errors that end a thread, like everything else. For a process of its own."""
    logging.captureWarnings(True)
    threading.excepthook = _log_end_of_thread


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        name = ended.thread.name if ended.thread else "unknown"
        log.error("the thread %s ended", name, exc_info=ended.exc_value)
