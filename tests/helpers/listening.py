"""The connection on which an app, or a change detector, listens for PostgreSQL's notifications."""

import time
from collections.abc import Callable

import psycopg
from flask import Flask

from daypass.database.change_detector import ChangeDetector
from daypass.runtime import Runtime

SECONDS = 20
LISTENERS = "FROM pg_stat_activity WHERE application_name = 'daypass listener' AND datname = current_database()"


def eventually(check: Callable[[], bool]) -> bool:
    """Whether this becomes true within SECONDS."""
    deadline = time.monotonic() + SECONDS
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def is_listening(detector: ChangeDetector) -> bool:
    """Whether the detector relies on notifications, and therefore does not poll."""
    return detector.version()[0] == 0


def let_listen(app: Flask) -> None:
    """Wait until the app receives notifications, and has read what changed before."""
    runtime: Runtime = app.extensions["daypass"]
    assert eventually(lambda: is_listening(runtime.replica._detector))
    runtime.replica.refresh()


def listening_backends(database: psycopg.Connection) -> list[int]:
    """The process ids of PostgreSQL that serve the connections that listen to this database."""
    return [pid for (pid,) in database.execute(f"SELECT pid {LISTENERS}")]
