"""Starting the server: an error is one sentence, and nothing is lost."""

import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import PASSWORD, SECRET_KEY
from tests.helpers.project import ROOT
from tests.helpers.rounds import variants
from tests.helpers.server import Server, running
from tests.helpers.startup import start_error, without_file_override


@pytest.mark.parametrize(
    ("name", "value"),
    variants(
        [
            ("DAYPASS_PORT", "eighty"),
            ("DAYPASS_WORKERS", "0"),
            ("DAYPASS_BASE_URL", "login.example.org"),
            ("DAYPASS_ALGORITHM", "none"),
            ("DAYPASS_SECRET_KEY", "secret"),
            ("DAYPASS_SIGNUP", "yes"),
            ("DAYPASS_DATABASE_URL", "mysql://localhost/x"),
            ("DAYPASS_SITE", "./no/such/folder"),
            ("DAYPASS_SINGUP", "open"),
        ],
        quick=3,
    ),
)
def test_a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    assert name in start_error(Server(tmp_path, {name: value}))


def test_another_secret_than_the_one_of_the_keys_stops_the_start(tmp_path: Path) -> None:
    with running(tmp_path, DAYPASS_SECRET_KEY=SECRET_KEY):
        pass
    assert "DAYPASS_SECRET_KEY" in start_error(Server(tmp_path, {"DAYPASS_SECRET_KEY": SECRET_KEY[::-1]}))


def test_rules_that_cannot_be_used_stop_the_start_with_line_and_reason(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nhost = "docs.example.org"\nallow = "public"\n\n[[rule]]\nhost = "x y"\n')
    message = start_error(Server(tmp_path, {"DAYPASS_RULES": str(rules)}))
    assert "DAYPASS_RULES cannot be used: rules.toml, line 5: this rule has no allow" in message
    assert not (tmp_path / "daypass.sqlite3").exists()


def test_a_logo_with_a_script_stops_the_start_with_the_reason(tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    message = start_error(Server(tmp_path, {"DAYPASS_LOGO": str(logo)}))
    assert message.startswith("Daypass does not start: DAYPASS_LOGO cannot be used: it contains the element script")


def test_a_port_in_use_stops_the_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"DAYPASS_PORT {port}" in start_error(Server(tmp_path, port=port))


def test_a_port_that_another_daypass_serves_stops_the_start(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert f"DAYPASS_PORT {server.port}" in start_error(Server(tmp_path, port=server.port))


def test_a_database_of_a_newer_version_stops_the_start_and_is_left_alone(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.command("user", "list")
    with closing(sqlite3.connect(tmp_path / "daypass.sqlite3")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
        before = list(database.iterdump())
        assert "newer version" in start_error(server)
        assert list(database.iterdump()) == before


def test_a_file_that_is_no_database_stops_the_start_and_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "daypass.sqlite3").write_text("my shopping list, which is longer than a header of SQLite would be" * 9)
    before = (tmp_path / "daypass.sqlite3").read_bytes()
    assert "cannot be used" in start_error(Server(tmp_path))
    assert (tmp_path / "daypass.sqlite3").read_bytes() == before


@pytest.mark.parametrize("log", ["merged", "left over"])
def test_a_database_that_cannot_be_written_stops_the_start(tmp_path: Path, log: str) -> None:
    server = Server(tmp_path)
    server.command("user", "list")
    assert [file.name for file in tmp_path.glob("*.sqlite3*")] == ["daypass.sqlite3"]
    if log == "left over":
        _write_and_crash(tmp_path / "daypass.sqlite3")
    (tmp_path / "daypass.sqlite3").chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        assert "cannot be used" in start_error(server, before=without_file_override())
    finally:
        tmp_path.chmod(0o700)


def test_a_start_that_fails_closes_the_database(tmp_path: Path) -> None:
    with running(tmp_path, DAYPASS_SECRET_KEY=SECRET_KEY) as server:
        server.stop()
    assert "DAYPASS_SECRET_KEY" in start_error(Server(tmp_path, {"DAYPASS_SECRET_KEY": SECRET_KEY[::-1]}))
    assert [file.name for file in tmp_path.glob("*.sqlite3*")] == ["daypass.sqlite3"]


def _write_and_crash(database: Path) -> None:
    code = "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('ANALYZE'); c.commit(); os._exit(0)"
    subprocess.run([sys.executable, "-c", code, database], check=True)
    assert database.with_name("daypass.sqlite3-wal").exists()


def test_the_first_start_prints_a_link_and_a_start_with_an_account_prints_none(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert server.setup_link.startswith(f"{server.url}/setup?code=")
        server.command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        assert server.request("GET", server.setup_link.removeprefix(server.url)).status == 410
        server.stop()
        (tmp_path / "server.log").unlink()
        server.start()
        assert "/setup" not in server.log


def test_the_database_and_the_secret_can_be_read_by_their_owner_alone(tmp_path: Path) -> None:
    Server(tmp_path).command("user", "list")
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_a_start_leaves_the_sessions_of_the_one_before_as_they_were(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        token = server.sign_in("alice", PASSWORD)
        server.stop()
        server.start()
        assert server.request("GET", "/members", {"Authorization": f"Bearer {token}"}).status == 200


@pytest.mark.parametrize("environ", [{}, {"FLASK_DEBUG": "1", "PYTHONDEVMODE": "1"}], ids=["plain", "asked to debug"])
def test_the_server_has_no_debugger(tmp_path: Path, environ: dict[str, str]) -> None:
    """Werkzeug's debugger answers at `/console` and, everywhere, to `__debugger__`."""
    with running(tmp_path, **environ) as server:
        assert server.request("GET", "/console").status == 404
        asked = server.request("GET", "/?__debugger__=yes&cmd=resource&f=debugger.js")
        assert asked.status == 200
        assert "openShell" not in asked.body
        assert asked.headers["Content-Type"].startswith("text/html")


def test_a_settings_file_is_read_and_the_environment_outdoes_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DAYPASS_PORT=nonsense\n")
    code = "from daypass.program.settings import load_settings; print(load_settings().port)"
    environ = Server(tmp_path).variables() | {"PYTHONPATH": str(ROOT)}
    given = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True)
    del environ["DAYPASS_PORT"]
    read = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert given.returncode == 0
    assert "DAYPASS_PORT cannot be used" in read.stderr
