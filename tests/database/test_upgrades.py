"""Upgrades: a database of every released schema comes up with its data, and older processes go on meanwhile."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, Table, create_engine, select, text

from daypass.backup.sqlite_engine import sqlite_engine
from daypass.database.copying import reflect_tables, replace_rows, snapshot
from daypass.database.models import AuthSession, StoredKey
from daypass.database.schema import is_current, migrate, migrate_to
from daypass.keys.encryption import decrypt_key
from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims
from daypass.web.context import current_db, current_runtime
from tests.conftest import PASSWORD, SECRET_KEY, close_app
from tests.helpers.schema_changes import breaking_changes, read_schema
from tests.helpers.schema_dumps import ALICE, FOLDER, KID, SESSION, load_dump, revisions
from tests.helpers.server import Server, running
from tests.helpers.startup import start_error
from tests.helpers.tokens import bearer_header

ADDITIVE_SINCE = "0006"  # older migrations were not released

Rows = dict[str, list[dict[str, Any]]]


def test_every_migration_has_a_dump_with_rows_in_every_table(tmp_path: Path) -> None:
    """If this fails for a new migration, run `python -m tests.helpers.schema_dumps`."""
    assert sorted(path.stem for path in FOLDER.glob("*.sql")) == sorted(revisions())
    for revision in revisions():
        load_dump(revision, tmp_path / revision)
        rows = rows_of(tmp_path / revision)[1]
        assert [name for name, found in rows.items() if not found] == [], revision


@pytest.mark.parametrize("revision", revisions())
def test_a_released_migration_still_makes_the_schema_that_it_made(revision: str, tmp_path: Path) -> None:
    load_dump(revision, tmp_path / "dump")
    engine = sqlite_engine(tmp_path / "made")
    migrate_to(engine, revision)
    dumped = sqlite_engine(tmp_path / "dump")
    assert read_schema(engine) == read_schema(dumped)


def rows_of(path: Path) -> tuple[list[Table], Rows]:
    """The tables of an SQLite database, as they are there, and their rows."""
    with snapshot(sqlite_engine(path)) as connection:
        tables = list(reflect_tables(connection, ["alembic_version"]))
        return tables, {table.name: table_rows(connection, table) for table in tables}


def table_rows(connection: Any, table: Table) -> list[dict[str, Any]]:
    ordered = select(table).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(ordered).mappings()]


@pytest.fixture
def old_database(database_url: str, revision: str, tmp_path: Path) -> Iterator[tuple[list[Table], Rows]]:
    """Fill the test's database with the dump of a revision; yields its tables and rows."""
    load_dump(revision, tmp_path / "old")
    tables, rows = rows_of(tmp_path / "old")
    if database_url.startswith("sqlite"):
        shutil.copy(tmp_path / "old", database_url.removeprefix("sqlite:///"))
    else:
        fill_postgres(create_engine(database_url), revision, tables, tmp_path / "old")
    yield tables, rows


def fill_postgres(engine: Engine, revision: str, tables: list[Table], dump: Path) -> None:
    """Create the schema of the revision by the migrations, and copy the rows."""
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    migrate_to(engine, revision)
    with snapshot(sqlite_engine(dump)) as source, engine.begin() as target:
        replace_rows(source, target, tables)
    engine.dispose()


@pytest.fixture
def upgraded(old_database: object, environ: dict[str, str]) -> Iterator[Flask]:
    """An app of this version that has upgraded the old database."""
    app = create_app(read_settings(environ))
    with app.app_context():
        migrate(current_runtime().engine)
    yield app
    close_app(app)


def old_token() -> str:
    """A token of the active session, as the older version signed it."""
    session, key = current_db().get_one(AuthSession, SESSION), current_db().get_one(StoredKey, KID)
    now = datetime.now(UTC).replace(microsecond=0)
    claims = Claims(
        current_runtime().settings.base_url, purposes.SESSION, ALICE, SESSION, "alice", ("admin",),
        session.created_at, now, now + timedelta(hours=1), session.until_at,
    )  # fmt: skip
    return codec.encode(claims, decrypt_key(key.kid, key.algorithm, key.sealed, SECRET_KEY))


@pytest.mark.each_database
@pytest.mark.parametrize("revision", revisions())
def test_a_database_of_every_released_schema_is_upgraded_with_its_data(
    upgraded: Flask, old_database: tuple[list[Table], Rows]
) -> None:
    tables, before = old_database
    with upgraded.app_context():
        assert is_current(current_runtime().engine)
        with current_runtime().engine.connect() as connection:
            assert {table.name: table_rows(connection, table) for table in tables} == before
        token = old_token()
    client = upgraded.test_client()
    assert client.get("/members", headers=bearer_header(token)).status_code == 200
    response = client.post("/login", json={"username": "alice", "password": PASSWORD})
    assert response.status_code == 200, response.get_data(as_text=True)
    refused = client.post("/login", json={"username": "bob", "password": PASSWORD})
    assert refused.status_code in (401, 403), "disabled and, since 0011, waiting for approval"


def steps() -> list[tuple[str, str]]:
    """Every migration with the one before it."""
    return list(zip(revisions(), revisions()[1:], strict=False))


def changes_of(before: str, after: str, folder: Path) -> list[str]:
    """What the migration from one revision to the next breaks for a program of the revision before."""
    engine = sqlite_engine(folder / "database")
    migrate_to(engine, before)
    schema = read_schema(engine)
    migrate_to(engine, after)
    return breaking_changes(schema, read_schema(engine))


@pytest.mark.parametrize(("before", "after"), [step for step in steps() if step[1] >= ADDITIVE_SINCE])
def test_a_migration_only_adds_so_that_the_version_before_can_go_on_serving(
    before: str, after: str, tmp_path: Path
) -> None:
    """`/readyz` relies on it: a running process accepts the schema of a newer version."""
    assert changes_of(before, after, tmp_path) == []


def test_a_migration_that_does_more_than_add_is_noticed(tmp_path: Path) -> None:
    assert changes_of("0001", "0002", tmp_path) == [
        "sessions.account_id is gone or changed",
        "sessions.until_at is new and must be set",
        "the constraints of sessions changed",
    ]


NEWER_SCHEMA = (
    "CREATE TABLE newer (id INTEGER PRIMARY KEY)",
    "ALTER TABLE accounts ADD COLUMN newer VARCHAR(32)",
    "ALTER TABLE sessions ADD COLUMN newer VARCHAR(32) DEFAULT '' NOT NULL",
    "UPDATE alembic_version SET version_num = '9999'",
)


@pytest.fixture
def server_environ(database_url: str) -> dict[str, str]:
    return {"DAYPASS_DATABASE_URL": database_url, "DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_WORKERS": "2"}


@pytest.mark.each_database
def test_a_running_server_goes_on_after_a_newer_version_has_added_to_the_schema_and_does_not_start_again(
    tmp_path: Path, server_environ: dict[str, str]
) -> None:
    with running(tmp_path, **server_environ) as server:
        server.command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        token = server.sign_in("alice", PASSWORD)
        engine = create_engine(server_environ["DAYPASS_DATABASE_URL"])
        with engine.begin() as connection:
            for statement in NEWER_SCHEMA:
                connection.execute(text(statement))
        for _ in range(4):  # each worker gets some of them
            assert status(server, "/members", token) == 200
            later = server.sign_in("alice", PASSWORD)
            assert status(server, "/members", later) == 200
            assert server.request("GET", "/readyz").status == 200
        server.request("POST", "/logout", bearer_header(later) | {"Content-Type": "application/json"})
        server.stop()
        with engine.connect() as connection:
            before = connection.execute(text("SELECT * FROM sessions ORDER BY id")).all()
        assert "from a newer version of Daypass" in start_error(server)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT * FROM sessions ORDER BY id")).all() == before
        engine.dispose()


def status(server: Server, path: str, token: str) -> int:
    return server.request("GET", path, bearer_header(token)).status


def test_a_schema_that_is_older_than_the_running_process_is_not_ready(
    app: Flask, make_app: Callable[[], Flask], tmp_path: Path
) -> None:
    assert app.test_client().get("/readyz").status_code == 200
    with closing(sqlite3.connect(tmp_path / "daypass.sqlite3")) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", [revisions()[0]])
        database.commit()
    assert app.test_client().get("/readyz").status_code == 503
