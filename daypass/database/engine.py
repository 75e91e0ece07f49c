"""The engine: options, connections, and recovery from faults."""

import gc
import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from daypass.database.transactions import WRITES

BUSY_SECONDS = 5
CONNECT_SECONDS = 2
LASTING_FAULTS = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def engine_options(url: URL, threads: int, connections: int = 5) -> dict[str, Any]:
    """Options for `create_engine`: a connection per thread, timeouts, and on PostgreSQL a test of each connection.

    connections: how many this process may open to PostgreSQL; one of them is the one that listens, outside the pool.
    """
    options: dict[str, Any] = {"url": url, "pool_size": threads, "pool_timeout": BUSY_SECONDS}
    options["hide_parameters"] = True  # a logged error must not contain a password hash
    if url.get_backend_name() == "postgresql":
        # as many threads again wait for request bodies, and two work in the background
        options |= {"pool_size": min(connections - 1, 2 * threads + 2), "max_overflow": 0}
        return options | {"pool_pre_ping": True, "connect_args": _postgresql_timeouts()}
    return options


def _postgresql_timeouts() -> dict[str, Any]:
    limits = {
        "lock_timeout": BUSY_SECONDS,
        "statement_timeout": 2 * BUSY_SECONDS,
        "idle_in_transaction_session_timeout": 2 * BUSY_SECONDS,
    }
    return {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * CONNECT_SECONDS,
        "options": " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items()),
    }


def connect_outside_pool(engine: Engine, **parameters: Any) -> Any:
    """Open a connection of psycopg in autocommit mode that no pool knows (PostgreSQL)."""
    arguments, from_url = engine.dialect.create_connect_args(engine.url)
    return engine.dialect.connect(*arguments, **from_url, **_postgresql_timeouts(), **parameters, autocommit=True)


def prepare(engine: Engine) -> None:
    """Configure every SQLite connection of the engine (SQLAlchemy: "Serializable isolation", pysqlite)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
        reconnect_after_faults(engine)


def _set_pragmas(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # `_begin` starts transactions, not the driver
    pragmas = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # reads no file, so it cannot fail; by way of SQLAlchemy, it would take longer than most queries
        connection.connection.cursor().execute("BEGIN")


def reconnect_after_faults(engine: Engine) -> None:
    """Close every connection after a lasting fault, including those that only its traceback still references."""
    faults: list[str] = []

    def close_all() -> None:
        faults.append("not yet collected")
        engine.dispose()

    def collect(*arguments: Any) -> None:
        if faults:
            faults.clear()
            gc.collect()

    on_lasting_fault(engine, close_all)
    event.listen(engine, "do_connect", collect)


def on_lasting_fault(engine: Engine, close: Callable[[], None]) -> None:
    """Call `close` after a SQLite error that lasts as long as connections are open, such as a read-only file.

    SQLite shares the state of a file among all connections of a process, and only checks it again after all are closed.
    """

    def listen(context: ExceptionContext) -> None:
        code = (
            getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF
        )  # primary result code, without the extended part
        if code in LASTING_FAULTS:
            context.is_disconnect = True
            close()

    event.listen(engine, "handle_error", listen)
