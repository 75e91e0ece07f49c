"""The audit log: one JSON object per line, on standard error (OWASP Logging Cheat Sheet, ASVS V16)."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from daypass.audit.events import Event
from daypass.audit.line_rate_limit import LineRateLimit

Outcome = Literal["success", "failure"]

log = logging.getLogger("daypass.events")


def record(event: Event, outcome: Outcome, **facts: str | None) -> None:
    """Log an event. Never pass a password or a token.

    Facts are escaped, so that control characters in them cannot start a new line.
    """
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, "outcome": outcome}
    log.info(json.dumps(line | facts, ensure_ascii=True), extra={"event": f"{event} {outcome}"})


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
