"""Copy all rows of one database into another, through the types of the tables, so that the dialects may differ."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Engine,
    Inspector,
    MetaData,
    Table,
    column,
    delete,
    event,
    func,
    insert,
    select,
    text,
)

from daypass.database.models import Instant

BATCH = 500  # rows in memory at a time
UNLIMITED = ("statement_timeout", "idle_in_transaction_session_timeout")  # settings of PostgreSQL; 0 is no limit


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a read-only connection that sees the database as of its first query, while others go on writing."""
    is_postgresql = engine.dialect.name == "postgresql"
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options if is_postgresql else {}) as connection:
        lift_timeouts(connection)
        yield connection


def lift_timeouts(connection: Connection) -> None:
    """Let the current transaction take as long as it needs (PostgreSQL; SQLite has no such limit)."""
    if connection.dialect.name == "postgresql":
        for setting in UNLIMITED:
            connection.execute(text(f"SET LOCAL {setting} = 0"))


def lock_tables(connection: Connection, tables: Sequence[Table]) -> None:
    """Make other writers wait until the transaction ends. Readers go on (PostgreSQL documentation, 13.3.1).

    Does nothing on SQLite, which has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        names = ", ".join(connection.dialect.identifier_preparer.format_table(table) for table in tables)
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def reflect_tables(connection: Connection, without: Sequence[str]) -> Sequence[Table]:
    """Read the definitions of the tables, in the order of their foreign keys."""
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _use_own_type)
    metadata.reflect(connection, only=lambda name, _: name not in without)
    return metadata.sorted_tables


def _use_own_type(inspector: Inspector, table: Table, column_info: Any) -> None:
    """Read times and JSON as the models do."""
    if isinstance(column_info["type"], DateTime):
        column_info["type"] = Instant()
    elif isinstance(column_info["type"], JSON):
        column_info["type"] = JSON(none_as_null=True)


def replace_rows(source: Connection, target: Connection, tables: Sequence[Table]) -> dict[str, int]:
    """Replace all rows of the target by those of the source, in the target's transaction.

    tables: in the order of their foreign keys. Returns the number of rows by table.
    """
    for table in reversed(tables):
        target.execute(delete(table))
    return {table.name: _copy_rows(source, target, table) for table in tables}


def _copy_rows(source: Connection, target: Connection, table: Table) -> int:
    copied = 0
    target.execute(delete(table))  # what triggers added for the tables before
    rows = source.execute(select(table), execution_options={"yield_per": BATCH})
    for batch in rows.mappings().partitions():
        target.execute(insert(table), [dict(row) for row in batch])
        copied += len(batch)
    _advance_sequence(target, table)
    return copied


def _advance_sequence(target: Connection, table: Table) -> None:
    """Continue generated ids after the largest copied one. SQLite does so by itself."""
    generated = table.autoincrement_column
    if target.dialect.name == "postgresql" and generated is not None:
        sequence = func.pg_get_serial_sequence(table.name, generated.name)
        largest = select(func.max(column(generated.name))).select_from(table).scalar_subquery()
        target.execute(select(func.setval(sequence, largest)))  # no effect if either is NULL
