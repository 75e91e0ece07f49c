"""The threads of one process: they store events, do daily maintenance, and deliver messages."""

import atexit
from collections.abc import Callable

from daypass import maintenance
from daypass.database import schema
from daypass.database.errors import DatabaseError, DatabaseLost
from daypass.runtime import Runtime


def start_threads(runtime: Runtime) -> None:
    """Start the threads. They end with the process."""
    runtime.audit.start()
    maintenance.start(runtime)
    if runtime.settings.sends_mail or runtime.settings.webhook_url:
        from daypass.accounts.mail_delivery import build_sender  # imports SMTP, which most sites do not use

        build_sender(runtime.settings, runtime.session_factory, runtime.keys, runtime.audit).start()


def start_in_app(runtime: Runtime, *, with_threads: Callable[[], bool]) -> None:
    """Prepare an app in this process: migrate the database, and start the threads. Raises DatabaseLost.

    with_threads: tells at the first request whether to start them. Tests, which create many apps, need none.
    """
    try:
        schema.migrate(runtime.engine)
    except DatabaseError as error:
        raise DatabaseLost(error.reason) from error
    if with_threads():
        start_threads(runtime)
        atexit.register(runtime.close)
