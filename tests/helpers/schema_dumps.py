"""SQL dumps of an SQLite database of each released schema, with rows in every table.

`python -m tests.helpers.schema_dumps` writes the dumps of migrations that have none yet. It fills new tables and
columns with a value of their type. A dump of a released migration is never written again.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, insert, select, update
from werkzeug.security import generate_password_hash

from daypass.backup.sqlite_engine import sqlite_engine
from daypass.database.copying import reflect_tables
from daypass.database.schema import MIGRATIONS, migrate_to
from daypass.database.transactions import WRITES
from daypass.keys import signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.encryption import encrypt_private
from tests.conftest import CHEAP_METHOD, PASSWORD, SECRET_KEY
from tests.helpers.project import ROOT
from tests.helpers.rows import fill_if_empty, typed_value

FOLDER = ROOT / "tests" / "database" / "schemas"
ALICE, BOB, SESSION, ENDED = "a" * 32, "b" * 32, "1" * 32, "2" * 32
EARLIER = datetime(2026, 3, 4, 5, 6, 7, 0, tzinfo=UTC)
KID, OLDER_KID = "3" * 16, "4" * 16
LATER = datetime(2126, 3, 4, 5, 6, 7, 0, tzinfo=UTC)


def revisions() -> Sequence[str]:
    """The revisions of all migrations, oldest first."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return [script.revision for script in scripts][::-1]


def load_dump(revision: str, path: Path) -> None:
    """Create an SQLite database with the schema and the rows of this revision."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FOLDER / f"{revision}.sql").read_text())


def write_missing_dumps() -> None:
    """Write the dump of each revision that has none, from that of the revision before."""
    previous = None
    for revision in revisions():
        if not (FOLDER / f"{revision}.sql").exists():
            with TemporaryDirectory() as folder:
                _write_dump(revision, previous, Path(folder) / "database.sqlite3")
        previous = revision


def _write_dump(revision: str, previous: str | None, path: Path) -> None:
    engine = sqlite_engine(path)
    if previous is not None:
        load_dump(previous, path)
        with engine.connect() as connection:
            before = {table.name: set(table.columns.keys()) for table in _tables(connection)}
    migrate_to(engine, revision)
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        tables = _tables(connection)
        if previous is None:
            _insert_first_rows(connection, {table.name: table for table in tables})
        else:
            for table in tables:
                _fill(connection, table, before.get(table.name))
    engine.dispose()
    with closing(sqlite3.connect(path)) as database:
        (FOLDER / f"{revision}.sql").write_text("\n".join(database.iterdump()) + "\n")


def _tables(connection: Connection) -> Sequence[Table]:
    return reflect_tables(connection, ["alembic_version"])


def _fill(connection: Connection, table: Table, former_columns: set[str] | None) -> None:
    """Insert a row into an empty table, or set the new columns of one row."""
    if not fill_if_empty(connection, table) and former_columns is not None:
        new = {
            column.name: typed_value(connection, column)
            for column in table.columns
            if column.name not in former_columns
        }
        if new:
            (key,) = table.primary_key.columns
            last = connection.scalar(select(key).order_by(key.desc()).limit(1))
            connection.execute(update(table).where(key == last).values(new))


def _insert_first_rows(connection: Connection, tables: dict[str, Table]) -> None:
    """Rows of revision 0001: two accounts, an active and an ended session, two signing keys."""
    password_hash = generate_password_hash(PASSWORD, CHEAP_METHOD)
    account = {"password_hash": password_hash, "created_at": EARLIER, "disabled_at": None}
    session = {
        "kind": "browser", "created_at": EARLIER, "last_seen_at": EARLIER, "expires_at": LATER, "ended_at": None,
        "end_reason": None, "address": "192.0.2.1", "user_agent": "Tést \"'%s",
    }  # fmt: skip
    connection.execute(
        insert(tables["accounts"]),
        [
            account | {"id": ALICE, "name": "alice", "roles": ["admin"]},
            account | {"id": BOB, "name": "bob", "roles": [], "disabled_at": LATER},
        ],
    )
    connection.execute(
        insert(tables["sessions"]),
        [
            session | {"id": SESSION, "account_id": ALICE},
            session | {"id": ENDED, "account_id": ALICE, "ended_at": EARLIER, "end_reason": "signed_out"},
        ],
    )
    connection.execute(
        insert(tables["signing_keys"]), [_key(KID, EARLIER), _key(OLDER_KID, EARLIER - timedelta(days=1))]
    )


def _key(kid: str, created_at: datetime) -> dict[str, object]:
    key = replace(signing_key.generate(Algorithm.HS256), kid=kid)
    return {"kid": kid, "algorithm": "HS256", "sealed": encrypt_private(key, SECRET_KEY), "created_at": created_at}


if __name__ == "__main__":
    write_missing_dumps()
