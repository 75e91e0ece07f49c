"""The audit log: one JSON object a line on the standard error."""

import logging
import sys

from daypass.audit.line_rate_limit import LineRateLimit

log = logging.getLogger("daypass.events")


def init_logging() -> None:
    """Send events to the standard error, one a line."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        handler.addFilter(LineRateLimit())
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
