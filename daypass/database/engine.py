"""How the database is used: connections, write transactions, and one migration at a time."""

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


def engine_options(url: URL, threads: int) -> dict[str, Any]:
    """What the engine of this database is made with: a connection for each thread, tried before it is used."""
    options: dict[str, Any] = {"url": url, "pool_size": threads, "pool_timeout": BUSY_SECONDS}
    options["hide_parameters"] = True  # a logged error must not carry a password's hash
    if url.get_backend_name() == "postgresql":
        limits = {
            "lock_timeout": BUSY_SECONDS,
            "statement_timeout": 2 * BUSY_SECONDS,
            "idle_in_transaction_session_timeout": 2 * BUSY_SECONDS,
        }
        timeouts = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())
        connect = {
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": 1000 * CONNECT_SECONDS,
            "options": timeouts,
        }
        return options | {"pool_pre_ping": True, "connect_args": connect}
    return options


def prepare(engine: Engine) -> None:
    """Set up every connection to SQLite that the engine will make (SQLAlchemy: "Serializable isolation", pysqlite)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
        reconnect_after_faults(engine)


def _set_pragmas(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own; `_begin` does
    pragmas = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def reconnect_after_faults(engine: Engine) -> None:
    """Close every connection after a lasting fault, those too that only the traceback of the fault still refers to."""
    faults: list[str] = []

    def let_go() -> None:
        faults.append("not yet collected")
        engine.dispose()

    def collect(*arguments: Any) -> None:
        if faults:
            faults.clear()
            gc.collect()

    on_lasting_fault(engine, let_go)
    event.listen(engine, "do_connect", collect)


def on_lasting_fault(engine: Engine, let_go: Callable[[], None]) -> None:
    """Call `let_go` when SQLite fails in a way that open connections would keep, such as a file found read-only.

    SQLite shares what it finds among all connections of a process: all must be closed before it looks anew.
    """

    def listen(context: ExceptionContext) -> None:
        code = getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF  # the rest of it is detail
        if code in LASTING_FAULTS:
            context.is_disconnect = True
            let_go()

    event.listen(engine, "handle_error", listen)
