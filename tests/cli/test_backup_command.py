"""`daypass backup`"""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from daypass.audit.events import Event
from daypass.database.schema import downgrade
from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from daypass.settings.version import VERSION
from daypass.web.context import current_runtime
from tests.conftest import SECRET_KEY, Person, close_app, postgres_database
from tests.helpers.postgres import Postgres
from tests.helpers.project import ROOT
from tests.helpers.rows import add_rows_of_every_kind, all_rows

Events = Callable[[], list[dict[str, str]]]


def run(app: Flask, *arguments: str | Path) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    return result.exit_code, result.output


def facts(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as backup:
        return dict(backup.execute("SELECT name, value FROM daypass_backup"))


@pytest.mark.each_database
def test_a_backup_is_one_file_that_its_owner_alone_can_read(
    app: Flask, sign_in: Callable[..., Person], events: Events, tmp_path: Path
) -> None:
    sign_in("alice")
    folder = tmp_path / "backups"
    folder.mkdir()
    code, printed = run(app, "backup", folder / "b")
    assert (code, "with 1 account and 1 session" in printed) == (0, True), printed
    assert [path.name for path in folder.iterdir()] == ["b"]
    assert (folder / "b").stat().st_mode & 0o777 == 0o600
    assert (folder / "b").read_bytes()[18:20] == b"\1\1"  # not in WAL mode, which needs further files to be read
    with closing(sqlite3.connect(f"file:{folder}/b?mode=ro&immutable=1", uri=True)) as backup:
        assert backup.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert backup.execute("SELECT name FROM accounts").fetchall() == [("alice",)]
    assert (events()[-1]["event"], events()[-1]["secret_key"]) == (Event.BACKUP_CREATED, "no")


@pytest.mark.each_database
def test_the_secret_key_is_in_it_only_if_asked_for(app: Flask, sign_in: Callable[..., Person], tmp_path: Path) -> None:
    sign_in("alice")
    _, without = run(app, "backup", tmp_path / "without")
    assert SECRET_KEY.encode() not in (tmp_path / "without").read_bytes()
    assert "The secret key is not in it" in without
    _, included = run(app, "backup", "--with-secret-key", tmp_path / "with")
    assert facts(tmp_path / "with")["secret_key"] == SECRET_KEY
    assert "anybody can sign passes" in included


def test_an_existing_file_is_overwritten_only_by_force(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("precious")
    code, printed = run(app, "backup", tmp_path / "b")
    assert (code, "already exists" in printed, (tmp_path / "b").read_text()) == (1, True, "precious")
    assert run(app, "backup", "--force", tmp_path / "b")[0] == 0
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    assert facts(tmp_path / "b")["source"] == "sqlite"


def test_a_backup_that_fails_leaves_no_file_and_the_former_one_as_it_was(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "b").write_text("former")
    with app.app_context(), current_runtime().engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("DROP TABLE chores")
    assert run(app, "backup", "--force", folder / "b")[0] == 1
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"b": "former"}


def test_a_folder_that_is_not_there_is_a_sentence(app: Flask, tmp_path: Path) -> None:
    code, printed = run(app, "backup", tmp_path / "none" / "b")
    assert (code, printed) == (1, f"Error: {tmp_path}/none/b cannot be written: No such file or directory.\n")


def test_without_a_database_there_is_nothing_to_back_up_and_none_is_created(
    make_app: Callable[[], Flask], tmp_path: Path
) -> None:
    code, printed = run(make_app(), "backup", tmp_path / "b")
    assert (code, "There is no database at" in printed) == (1, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.each_database
def test_an_older_database_is_backed_up_as_it_is(app: Flask, tmp_path: Path) -> None:
    """A backup before an upgrade must not upgrade."""
    add_rows_of_every_kind(app)
    with app.app_context():
        downgrade(current_runtime().engine, "0005")
    assert run(app, "backup", tmp_path / "b")[0] == 0
    with closing(sqlite3.connect(tmp_path / "b")) as backup:
        assert backup.execute("SELECT version_num FROM alembic_version").fetchall() == [("0005",)]
        assert backup.execute("SELECT name FROM accounts ORDER BY name").fetchall() == [("bob",), ("älice",)]
        assert backup.execute("SELECT count(*) FROM sessions WHERE roles IS NULL").fetchall() == [(1,)]
    with app.app_context(), current_runtime().engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0005"


def test_times_are_those_in_utc_whatever_the_time_zone_of_the_database(postgres: Postgres, tmp_path: Path) -> None:
    for url in postgres_database(postgres):
        postgres.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET timezone TO 'America/New_York'")
        app = create_app(read_settings({"DAYPASS_DATABASE_URL": url, "DAYPASS_SECRET_KEY": SECRET_KEY}))
        add_rows_of_every_kind(app)
        assert run(app, "backup", tmp_path / "b")[0] == 0
        close_app(app)
    with closing(sqlite3.connect(tmp_path / "b")) as backup:
        assert backup.execute("SELECT deleted_at FROM former_names").fetchall() == [("2026-03-04 05:06:07.123456",)]


def test_a_database_of_a_newer_version_is_not_backed_up(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), current_runtime().engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    code, printed = run(app, "backup", tmp_path / "b")
    assert (code, (tmp_path / "b").exists()) == (1, False)
    assert "The database is from a newer version of Daypass than this one. Back it up with that version." in printed


WRITER = """
import sys
from sqlalchemy import insert, select, func
from daypass.program.app import create_app
from daypass.database.models import Account, AuthSession, Device
from tests.helpers.rows import EARLIER, LATER
from daypass.database.transactions import write_transaction

sessions = create_app().extensions["daypass"].session_factory
number = 0
while True:
    with sessions() as db, write_transaction(db):
        account = Account(name=f"writer{number}", password_hash="x", roles=[])
        db.add(account)
        db.flush()
        db.add(Device(account_id=account.id, created_at=EARLIER, last_used_at=LATER))
    number += 1
    print(number, flush=True)
"""


@pytest.mark.each_database
def test_a_backup_of_a_database_that_is_being_written_is_of_one_moment(
    app: Flask, environ: dict[str, str], tmp_path: Path
) -> None:
    """Each transaction of the writer adds an account together with a device."""
    add_rows_of_every_kind(app)
    writer = subprocess.Popen([sys.executable, "-c", WRITER], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    try:
        counts = []
        for number in range(3):
            before = int(writer.stdout.readline())
            assert run(app, "backup", tmp_path / f"b{number}")[0] == 0
            with closing(sqlite3.connect(tmp_path / f"b{number}")) as backup:
                assert backup.execute("PRAGMA foreign_key_check").fetchall() == []
                accounts, devices = backup.execute(
                    "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM devices)"
                ).fetchone()
            assert (accounts - 2, accounts - 2 >= before) == (devices - 1, True)
            counts.append(accounts)
        assert counts[0] < counts[-1], "the writer was held up"
    finally:
        writer.kill()
        writer.communicate()


def test_the_version_in_backups_is_that_of_the_project() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_the_rows_of_these_tests_are_in_every_table(app: Flask) -> None:
    add_rows_of_every_kind(app)
    with app.app_context():
        current_runtime().keys.current()
        rows = all_rows(current_runtime().engine)
    assert [name for name, found in rows.items() if not found] == []
