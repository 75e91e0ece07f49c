"""Preparation before the workers start: schema, first key, set-up link."""

import os
import socket
import threading
from collections.abc import Callable

from sqlalchemy.orm import Session

from daypass.accounts import administrators
from daypass.accounts.setup_link import create_setup_link
from daypass.database import schema
from daypass.errors import DaypassError
from daypass.keys.rotation import check_readable
from daypass.net.hosts import in_url
from daypass.runtime import Runtime
from daypass.settings.definitions import Settings


def prepare(runtime: Runtime) -> None:
    """Check the rules, migrate the database, create the first key and a set-up link.

    Raises DaypassError if a setting or the database cannot be used. Closes all database connections, so that workers
    can be forked.
    """
    settings = runtime.settings
    runtime.rules.load()
    try:
        schema.migrate(runtime.engine)
        with schema.reports_failures(runtime.engine), runtime.session_factory() as db:
            _prepare_database(runtime, db)
    finally:
        runtime.close()
    print(f"Daypass serves {settings.base_url}{_listens_on(settings)}", flush=True)


def _prepare_database(runtime: Runtime, db: Session) -> None:
    """Create the first key and a set-up link."""
    check_readable(db, runtime.settings.secret_keys)
    runtime.keys.current()  # creates the first key
    link = create_setup_link(db, runtime.settings, _print_link)
    if link is None and not administrators.any_permanent(db):
        print("No account with the role admin can sign in. Add one: daypass user add NAME --admin", flush=True)


def _listens_on(settings: Settings) -> str:
    """The address that the server listens on, if visitors use another one."""
    local = f"http://{in_url(settings.host)}:{settings.port}"
    return "" if local == settings.base_url else f", and listens on {local}"


def _print_link(link: str) -> None:
    print(f"No account exists yet. Create the first one within an hour at\n  {link}", flush=True)


def check_port(host: str, port: int) -> None:
    """Raise DaypassError if the address is not free.

    The server itself would share a port that is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return
    except OSError as error:
        raise DaypassError(
            f"DAYPASS_HOST {host}, DAYPASS_PORT {port}: cannot listen there: {error.strerror}."
        ) from None


class OncePerProcess:
    """Calls an action once in each process, at the first call there; again if it failed. A fork is a new process."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._lock = threading.Lock()
        self._done_in = 0  # the id of a process

    def __call__(self) -> None:
        """Call the action unless it was done. Raises what the action raises."""
        if self._done_in == os.getpid():
            return
        with self._lock:
            if self._done_in != os.getpid():
                self._action()
                self._done_in = os.getpid()
