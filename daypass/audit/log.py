"""The audit log: one JSON object per line, on standard error (OWASP Logging Cheat Sheet, ASVS V16)."""

import logging
import sys

from daypass.audit.entry import Entry, Outcome, new_entry
from daypass.audit.events import Event
from daypass.audit.line_rate_limit import LineRateLimit

log = logging.getLogger("daypass.events")


def write(entry: Entry) -> None:
    """Write an event as one line. It must not contain a password or a token."""
    log.info(entry.line(), extra={"event": f"{entry.event} {entry.outcome}"})


class LogRecorder:
    """Records events in the log only, for apps without a database."""

    def record(self, event: Event, outcome: Outcome, **facts: str | None) -> None:
        """Write an event. Never pass a password or a token."""
        write(new_entry(event, outcome, facts))


def init_logging() -> None:
    """Write events to standard error, one per line."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        handler.addFilter(LineRateLimit())
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False


def silence() -> None:
    """Stop writing events."""
    log.setLevel(logging.CRITICAL)
