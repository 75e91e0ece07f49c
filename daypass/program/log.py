"""Plain log lines: warnings, errors and tracebacks of Daypass and its libraries."""

import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Any, TextIO

from daypass.audit import log as audit_log
from daypass.audit.line_rate_limit import LineRateLimit

MAX_LINES_PER_MINUTE = 60  # messages, with or without traceback, per place in the code and per process

log = logging.getLogger("daypass")


class UtcFormatter(logging.Formatter):
    """Formats time in UTC (ISO 8601), level and message.

    Further lines of a message are indented, so that none can be mistaken for a log line of its own.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """The time in ISO 8601, in UTC with milliseconds."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        """The message, with all lines after the first indented."""
        return "\n  ".join(super().format(record).splitlines())


class StandardError(logging.StreamHandler[TextIO]):
    """Writes warnings and errors to the current `sys.stderr`, at a limited rate."""

    def __init__(self) -> None:
        logging.Handler.__init__(self, logging.WARNING)
        self.setFormatter(UtcFormatter())
        self.addFilter(LineRateLimit(MAX_LINES_PER_MINUTE))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """The current standard error, which may have been replaced since."""
        return sys.stderr


GRANIAN_LOGGING: dict[str, Any] = {  # replaces parts of granian.log.LOGGING_CONFIG
    "handlers": {"console": {"()": "daypass.program.log.StandardError"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}


def init_logging() -> None:
    """Log to standard error: audit events, and what no other handler takes.

    It also keeps Flask from adding its own handler.
    """
    audit_log.init_logging()
    if not any(isinstance(handler, StandardError) for handler in log.handlers):
        log.addHandler(handler := StandardError())
        logging.lastResort = handler


def log_all_errors() -> None:
    """Log Python warnings, and errors that end a thread.

    Only for processes that run nothing but Daypass.
    """
    logging.captureWarnings(True)
    threading.excepthook = _log_end_of_thread


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        name = ended.thread.name if ended.thread else "unknown"
        log.error("thread %s ended with an error", name, exc_info=ended.exc_value)
