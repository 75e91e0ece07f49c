"""The rows of PostgreSQL databases, recorded before they are dropped. SQLite files stay, and are searched."""

from contextlib import suppress

import psycopg
from psycopg import sql

from tests.leaks.collection import collection

KIND = "postgresql"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
DATABASES = "SELECT datname FROM pg_database WHERE NOT datistemplate"


def record_rows(address: str) -> None:
    """Record all rows of a database, as text. `address` is a URL of SQLAlchemy or psycopg."""
    if collection is None:
        return
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
            collection.add_output(KIND, "\n".join([table, *(row[0] for row in rows)]))


def record_server(address: str, log: str) -> None:
    """Record the log of a server, and all rows of the databases that it still has, if it still runs."""
    if collection is None:
        return
    collection.add_output(f"{KIND}-log", log)
    with suppress(psycopg.OperationalError), psycopg.connect(f"{address}/postgres") as connection:
        for (name,) in connection.execute(DATABASES).fetchall():
            record_rows(f"{address}/{name}")
