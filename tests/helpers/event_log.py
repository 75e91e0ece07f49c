"""The lines of the audit log, as the app writes them."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from daypass.audit import log


@contextmanager
def written_events() -> Iterator[io.StringIO]:
    """Collect the events that are logged while the block runs."""
    log.init_logging()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.log.addHandler(handler)
    try:
        yield stream
    finally:
        log.log.removeHandler(handler)
