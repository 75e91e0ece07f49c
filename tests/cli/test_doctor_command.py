"""`daypass doctor`: its output and exit code; and wrong settings at any command."""

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from daypass.database.models import StoredKey, database_now
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.program.app import create_app
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY, Person, close_app
from tests.helpers.mail import mail_settings
from tests.helpers.postgres import Postgres
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.project import ROOT
from tests.helpers.server import Server, running

OTHER = SECRET_KEY[::-1]


def run_doctor(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["doctor"])


@pytest.fixture
def doctor(environ: dict[str, str], app: Flask) -> Callable[..., Result]:
    """Run `daypass doctor` on the test's database with other settings."""

    def run(**changed: str) -> Result:
        other = create_app(read_settings(environ | changed))
        try:
            return run_doctor(other)
        finally:
            close_app(other)

    return run


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a `.env` of the test's own is read."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.each_database
def test_where_all_is_well_nothing_is_found(app: Flask, sign_in: Callable[..., Person]) -> None:
    sign_in("alice")
    result = run_doctor(app)
    assert (result.exit_code, result.output) == (0, "No problems found.\n")


def test_what_is_wrong_comes_first_with_its_mend_and_exit_code_1(doctor: Callable[..., Result]) -> None:
    result = doctor(DAYPASS_BASE_URL="http://login.example.org", DAYPASS_WORKERS="512")
    assert result.exit_code == 1
    first, mend, second, *_ = result.stdout.splitlines()
    assert first.startswith("Problem: DAYPASS_BASE_URL is http://login.example.org")
    assert mend.startswith("    Put a proxy with TLS in front")
    assert second.startswith("Note: DAYPASS_WORKERS is 512")


def test_it_prints_what_the_docs_show(doctor: Callable[..., Result]) -> None:
    example = (ROOT / "docs/operations.md").read_text().partition("$ .venv/bin/daypass doctor\n")[2].partition("```")[0]
    result = doctor(DAYPASS_BASE_URL="http://login.example.org", DAYPASS_SECRET_KEY_FALLBACKS=OTHER)
    assert result.stdout == example


def test_what_is_worth_knowing_alone_is_exit_code_0(doctor: Callable[..., Result]) -> None:
    result = doctor(DAYPASS_WORKERS="512")
    assert result.exit_code == 0
    assert result.stdout.startswith("Note: ")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"DAYPASS_TOKEN_LIFETIME": str(40 * 86_400), "DAYPASS_IDLE_LIFETIME": "9999999"}, "is 40 days"),
        ({"DAYPASS_BASE_URL": "https://login.example.org"}, "but no proxy is trusted"),
        ({"DAYPASS_BASE_URL": "https://login.example.org"}, "DAYPASS_MAIL_URL is not set"),
        (mail_settings(1), "The mail server 127.0.0.1:1 cannot be used"),
        ({"DAYPASS_SITE": str(ROOT)}, "which contains Daypass itself"),
        ({"DAYPASS_SITE": str(ROOT / "static"), "DAYPASS_SIGNUP": "open"}, "anybody can create an account"),
        ({"DAYPASS_SECRET_KEY_FALLBACKS": OTHER}, "no key needs it"),
        ({"DAYPASS_ALGORITHM": "RS256"}, "RS256 is in use"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_setting_is_looked_at(doctor: Callable[..., Result], changed: dict[str, str], message: str) -> None:
    changed = {"DAYPASS_ABSOLUTE_LIFETIME": "9999999"} | changed
    assert message not in doctor().stdout
    assert message in doctor(**changed).stdout


def test_the_files_on_this_machine_are_looked_at(doctor: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DAYPASS_SECRET_KEY={OTHER}\n")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "daypass.sqlite3").chmod(0o644)
    result = doctor()
    assert result.exit_code == 1
    assert "The file .env contains DAYPASS_SECRET_KEY" in result.stdout
    assert "daypass.sqlite3 can be read by other users" in result.stdout
    assert OTHER not in result.stdout


class TestWithRules:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "rules.toml"

    @pytest.fixture
    def environ(self, environ: dict[str, str], file: Path) -> dict[str, str]:
        return environ | {"DAYPASS_RULES": str(file), "DAYPASS_BASE_URL": "https://login.example.org"}

    def test_rules_are_looked_at(self, app: Flask, file: Path, sign_in: Callable[..., Person]) -> None:
        file.write_text(
            '[[rule]]\nhost = "app.example.org"\nallow = { roles = ["staff"], names = ["bob", "alice"] }\n'
            '[[rule]]\nhost = "app.example.org"\npath = "/news/"\nallow = "public"\n'
        )
        sign_in("alice", ["editor"])
        output = run_doctor(app).stdout
        assert "no proxy is trusted to ask about them" in output
        assert "does not get the cookie of login.example.org" in output
        assert "Rule 2 can never decide" in output
        assert "The rules name bob in line 1" in output and "alice" not in output
        assert "role staff in line 1, but no account has it" in output

    def test_a_broken_file_is_told_line_by_line_and_all_else_is_looked_at(self, app: Flask, file: Path) -> None:
        file.write_text('[[rule]]\nhost = "x y"\nallow = "nobody"\n')
        result = run_doctor(app)
        assert result.exit_code == 1
        assert "Problem: rules.toml, line 2: host" in result.stdout
        assert "Problem: rules.toml, line 3: allow" in result.stdout
        assert "but no proxy is trusted" in result.stdout


@pytest.mark.each_database
def test_a_node_with_another_secret_key_is_told_which_key_it_cannot_open(
    app: Flask, doctor: Callable[..., Result]
) -> None:
    with app.app_context():
        kid = current_runtime().keys.current().signing.kid
    assert kid not in doctor().stdout
    result = doctor(DAYPASS_SECRET_KEY=OTHER)
    assert result.exit_code == 1
    assert f"The signing key {kid} cannot be decrypted" in result.stdout
    result = doctor(DAYPASS_SECRET_KEY=OTHER, DAYPASS_SECRET_KEY_FALLBACKS=SECRET_KEY)
    assert (result.exit_code, "daypass keys reencrypt" in result.stdout) == (0, True)


@pytest.mark.each_database
def test_an_old_key_is_told(app: Flask, doctor: Callable[..., Result]) -> None:
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), signing_key.generate(Algorithm.HS256), SECRET_KEY)
    assert "older than a year" not in doctor().stdout
    with app.app_context():
        now = current_db().scalars(database_now().select()).one()
        with write_transaction(current_db()):
            current_db().execute(update(StoredKey).values(created_at=now.replace(year=now.year - 2, day=1)))
    assert "older than a year" in doctor().stdout


def test_a_database_that_nobody_has_made_is_worth_knowing_and_is_not_made(
    make_app: Callable[[], Flask], tmp_path: Path
) -> None:
    result = run_doctor(make_app())
    assert result.exit_code == 0
    assert "There is no database yet" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_wrong_and_left_as_it_is(
    app: Flask, doctor: Callable[..., Result], settings: Settings
) -> None:
    with closing(sqlite3.connect(settings.database_url.database or "", isolation_level=None)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0002'")
        before = list(raw.iterdump())
        result = doctor()
        assert list(raw.iterdump()) == before
    assert result.exit_code == 1
    assert "does not have the tables of this version" in result.stdout


def test_a_file_that_is_no_database_is_wrong(make_app: Callable[[], Flask], tmp_path: Path) -> None:
    path = tmp_path / "daypass.sqlite3"
    path.write_text("my shopping list, which is longer than a header of SQLite would be" * 9)
    path.chmod(0o600)
    result = run_doctor(make_app())
    assert result.exit_code == 1
    assert "file is not a database" in result.stdout


def test_a_server_that_is_down_is_wrong(doctor: Callable[..., Result]) -> None:
    result = doctor(DAYPASS_DATABASE_URL="postgresql+psycopg://daypass:hazel@127.0.0.1:1/daypass")
    assert result.exit_code == 1
    assert "cannot be used" in result.stdout
    assert "hazel" not in result.output


@pytest.mark.parametrize(("offset", "code", "level"), [("-90s", 1, "Problem"), ("+30s", 0, "Note")])
def test_a_clock_that_is_off_is_told(postgres: Postgres, tmp_path: Path, offset: str, code: int, level: str) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        skip_or_fail("faketime is not installed")
    assert faketime
    settings = {"DAYPASS_DATABASE_URL": postgres.url(postgres.template), "DAYPASS_SECRET_KEY": SECRET_KEY}
    done = subprocess.run(
        [faketime, "-f", offset, sys.executable, "app.py", "doctor"],
        cwd=ROOT,
        env=Server(tmp_path, settings).variables(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code
    way = "behind" if offset.startswith("-") else "ahead of"
    assert re.search(rf"^{level}: This machine's clock is \d\d seconds {way} the database's", done.stdout)


def test_a_server_as_it_starts_by_default_is_healthy(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert server.command("doctor") == "No problems found.\n"


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["doctor"], "DAYPASS_PORT", "eighty"),
        (["doctor"], "DAYPASS_SECRET_KEY", "secret"),
        (["user", "list"], "DAYPASS_PROT", "8000"),
        (["keys", "rotate"], "DAYPASS_PORT", "eighty"),
    ],
)
def test_a_wrong_setting_ends_every_command_with_one_sentence(
    tmp_path: Path, arguments: list[str], name: str, value: str
) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        env=Server(tmp_path, {name: value}).variables(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"Error: {name} ")
