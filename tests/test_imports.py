"""What is imported when: commands and the start of the server load no module that they do not need."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from daypass import cli
from daypass.backup.sqlite_engine import sqlite_engine
from daypass.cli.lazy_command import LazyCommand
from daypass.database import schema
from tests.helpers.project import ROOT
from tests.helpers.schema_dumps import load_dump
from tests.helpers.server import Server

RARELY_NEEDED = {"alembic", "email_validator", "prometheus_client", "psycopg", "publicsuffixlist", "smtplib"}
RARELY_NEEDED |= {"ua_parser", "sqlalchemy.dialects.postgresql"}  # the database of these tests is SQLite
ONLY_SERVER = {"granian", "wtforms", "zxcvbn", "daypass.extension", "daypass.web.pages", "daypass.lab"}
ONLY_SOME_COMMANDS = {"flask", "werkzeug", "jwt", "http.client"}

PRINT_MODULES = "import sys; print(*sys.modules, sep='\\n')"
RUN_COMMAND = f"from app import main\ntry:\n    main()\nfinally:\n    {PRINT_MODULES}"


def modules(folder: Path, code: str, *arguments: str) -> set[str]:
    """The modules that a new process has imported after it ran this code."""
    run = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(run, cwd=ROOT, env=Server(folder).variables(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = set(done.stdout.split())
    return found


def modules_of_command(folder: Path, *arguments: str) -> set[str]:
    """The modules that `daypass` with these arguments imports."""
    return modules(folder, RUN_COMMAND, *arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a database that is up to date."""
    Server(tmp_path).command("user", "list")
    return tmp_path


def test_an_import_of_the_app_loads_little(folder: Path) -> None:
    loaded = modules(folder, "import app; " + PRINT_MODULES)
    assert "daypass.cli" in loaded
    assert loaded & (RARELY_NEEDED | ONLY_SERVER | ONLY_SOME_COMMANDS) == set()


def test_a_new_app_has_its_pages_and_loads_nothing_that_only_some_of_them_need(folder: Path) -> None:
    loaded = modules(folder, "import app; app.create_app(); " + PRINT_MODULES)
    assert "daypass.web.pages.sign_in" in loaded
    assert loaded & (RARELY_NEEDED | {"granian", "zxcvbn"}) == set()


def test_the_preparation_of_the_server_loads_nothing_else_if_the_database_is_up_to_date(folder: Path) -> None:
    code = "from daypass.program.command_runtime import load_runtime; from daypass.startup import prepare; "
    code += "prepare(load_runtime()); "
    assert modules(folder, code + PRINT_MODULES) & (RARELY_NEEDED | ONLY_SERVER) == set()


@pytest.mark.parametrize(
    "command", ["user list", "keys list", "guest-links list", "sessions prune", "audit verify", "--help"]
)
def test_a_command_loads_no_pages_and_no_server(folder: Path, command: str) -> None:
    unneeded = RARELY_NEEDED | ONLY_SERVER | ONLY_SOME_COMMANDS
    assert modules_of_command(folder, *command.split()) & unneeded == set()


def test_a_command_loads_no_other_command(folder: Path) -> None:
    loaded = {name for name in modules_of_command(folder, "user", "list") if name.startswith("daypass.cli.")}
    shared = {"command_context", "database_command", "lazy_command", "terminal_events"}
    assert loaded == {f"daypass.cli.{name}" for name in shared | {"users"}}


def test_flask_routes_knows_the_pages(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "routes"],
        cwd=ROOT,
        env=Server(folder).variables(),
        capture_output=True,
        text=True,
    )
    assert "/login" in done.stdout


def test_an_older_database_is_migrated_by_a_command(tmp_path: Path) -> None:
    database = tmp_path / "daypass.sqlite3"
    load_dump("0008", database)
    assert "alembic" in modules_of_command(tmp_path, "user", "list")
    assert schema.is_current(sqlite_engine(database))


def test_the_files_of_the_migrations_begin_with_their_revisions() -> None:
    """So that the newest revision is known without Alembic."""
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    assert scripts.get_current_head() == schema.newest_revision()
    assert all(schema.is_known(script.revision) for script in scripts.walk_revisions())


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_a_lazy_command_has_the_name_of_the_real_one_and_its_help(command: LazyCommand) -> None:
    real = command.load()
    assert real.name == command.name
    assert command.make_context(command.name, [], resilient_parsing=True).command is real
    assert real.get_short_help_str(80).startswith(command.get_short_help_str(80).rstrip("."))
