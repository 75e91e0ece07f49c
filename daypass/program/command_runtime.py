"""What the commands of the stand-alone program work with."""

import atexit

from daypass.program import log
from daypass.program.settings import settings_or_exit
from daypass.runtime import Runtime, build_runtime


def load_runtime() -> Runtime:
    """Build the runtime from the settings, and log to standard error. Exits if a setting is invalid.

    Its connections are closed when the process ends.
    """
    log.init_logging()
    runtime = build_runtime(settings_or_exit())
    atexit.register(runtime.close)  # so that SQLite merges its log into the file
    return runtime
