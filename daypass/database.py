"""How the database is used: connections, write transactions, and one migration at a time."""

import gc
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import Session

BUSY_SECONDS = 5
CONNECT_SECONDS = 2
WRITES = "daypass_writes"  # execution option of a connection whose transaction will write
LASTING = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
LOCK = 0x64617970617373  # "daypass": the advisory lock around migrations and changes of the key ring
ADMINS = LOCK + 1  # the one around all that can take an administrator away


class _Here(threading.local):
    """What the current thread is in the middle of."""

    transactions = 0  # write transactions that are open


_here = _Here()


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
        start_anew_after_faults(engine)


def create_file(path: str) -> None:
    """Make the database's file, if it is not there, so that only its owner can read it. Raises OSError."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))


def _set_pragmas(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own; `_begin` does
    pragmas = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def start_anew_after_faults(engine: Engine) -> None:
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
        if code in LASTING:
            context.is_disconnect = True
            let_go()

    event.listen(engine, "handle_error", listen)


@contextmanager
def writing(db: Session) -> Iterator[Session]:
    """One short write transaction: committed at the end, rolled back on an error.

    It takes SQLite's write lock first: what it reads cannot go stale before it writes. While it is open all other
    writers wait, so nothing inside may wait for a visitor: read the request's body before. Nor may a verdict or the
    key ring be asked for inside, which `Mirror.refresh` refuses.
    """
    db.rollback()
    db.connection(execution_options={WRITES: True})
    _here.transactions += 1
    try:
        yield db
        db.commit()
    except BaseException:
        db.rollback()
        raise
    finally:
        _here.transactions -= 1


def is_writing() -> bool:
    """Whether the current thread has a write transaction open."""
    return _here.transactions > 0


def one_at_a_time(db: Session, lock: int = LOCK) -> None:
    """Let no other transaction that asks for this lock pass here until this one ends.

    SQLite's write lock does so already.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


@contextmanager
def only_node(engine: Engine) -> Iterator[None]:
    """Let no other node pass here meanwhile (PostgreSQL): ten may start at once, and one migrates."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = 0; SET statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            connection.invalidate()
