"""`daypass restore`"""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from daypass.audit.events import Event
from daypass.database.models import AuthSession, StoredKey
from daypass.database.schema import downgrade
from daypass.database.transactions import write_transaction
from daypass.mail import outbox
from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from daypass.web.context import current_db, current_runtime
from tests.conftest import PASSWORD, SECRET_KEY, Person, close_app, propagation_delay
from tests.helpers.project import ROOT
from tests.helpers.rows import Rows, add_many_sessions, add_rows_of_every_kind, all_rows
from tests.helpers.server import running

Events = Callable[[], list[dict[str, str]]]
OTHER_SECRET = SECRET_KEY[::-1]


def run(app: Flask, *arguments: str | Path) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    return result.exit_code, result.output


def rows(app: Flask) -> Rows:
    with app.app_context():
        return all_rows(current_runtime().engine)


@contextmanager
def app_with(environ: dict[str, str], **changed: str) -> Iterator[Flask]:
    """Another process with other settings."""
    app = create_app(read_settings(environ | changed))
    yield app
    close_app(app)


@pytest.mark.each_database
def test_everything_in_a_backup_comes_back(app: Flask, tmp_path: Path, events: Events) -> None:
    add_rows_of_every_kind(app)
    with app.app_context():
        current_runtime().keys.current()
    before = rows(app)
    run(app, "backup", tmp_path / "b")
    run(app, "user", "add", "dave", "--password-stdin")
    with app.app_context(), write_transaction(current_db()) as db:
        db.query(AuthSession).delete()
    code, printed = run(app, "restore", "--force", "--keep-sessions", tmp_path / "b")
    assert code == 0, printed
    after = rows(app)
    (new_key, old_key) = sorted(after.pop("signing_keys"), key=lambda row: row["retired_at"] is not None)
    (key,) = before.pop("signing_keys")
    assert after == before
    assert (old_key["kid"], old_key["created_at"], new_key["kid"] == key["kid"]) == (
        key["kid"],
        key["created_at"],
        False,
    )
    assert "Restored 2 accounts and 2 sessions from the backup of" in printed
    assert events()[-1]["event"] == Event.BACKUP_RESTORED
    assert "in one unbroken chain" in run(app, "audit", "verify")[1]


@pytest.mark.each_database
def test_messages_that_were_waiting_are_not_sent_again(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        outbox.put_request(db, "alice")
    run(app, "backup", tmp_path / "b")
    assert run(app, "restore", "--force", tmp_path / "b")[0] == 0
    assert rows(app)["mails"] == []


@pytest.mark.each_database
def test_without_its_keys_a_backup_begins_a_new_chain_of_events(app: Flask, tmp_path: Path) -> None:
    add_rows_of_every_kind(app)
    run(app, "backup", tmp_path / "b")
    assert run(app, "restore", "--force", "--drop-keys", tmp_path / "b")[0] == 0
    assert "from before the restart can't be verified" in run(app, "audit", "verify")[1]


@pytest.mark.each_database
def test_a_session_that_was_ended_after_the_backup_is_refused_after_the_restore(
    app: Flask, sign_in: Callable[..., Person], make_app: Callable[[], Flask], tmp_path: Path
) -> None:
    person = sign_in("alice")
    run(app, "backup", tmp_path / "b")
    run(app, "sessions", "end", "--all")
    code, printed = run(app, "restore", "--force", tmp_path / "b")
    assert (code, "Ended 1 session: everybody" in printed) == (0, True)
    assert make_app().test_client().get("/members", headers=person.bearer_header).status_code == 401
    with app.app_context():
        assert current_db().get_one(AuthSession, person.claims.session_id).end_reason == "restored"


@pytest.mark.each_database
def test_sessions_are_kept_only_if_asked_for(app: Flask, sign_in: Callable[..., Person], tmp_path: Path) -> None:
    person = sign_in("alice")
    run(app, "backup", tmp_path / "b")
    code, printed = run(app, "restore", "--force", "--keep-sessions", tmp_path / "b")
    assert (code, "active again" in printed) == (0, True)
    assert person.client.get("/members").status_code == 200


@pytest.mark.each_database
def test_a_running_process_refuses_a_session_that_the_backup_does_not_have(
    app: Flask, make_app: Callable[[], Flask], sign_in: Callable[..., Person], tmp_path: Path
) -> None:
    sign_in("alice")
    run(app, "backup", tmp_path / "b")
    later = sign_in("bob")
    client = make_app().test_client()
    assert client.get("/members", headers=later.bearer_header).status_code == 200
    assert run(app, "restore", "--force", "--keep-sessions", tmp_path / "b")[0] == 0
    with app.app_context():
        time.sleep(propagation_delay(current_runtime().settings))
    assert client.get("/members", headers=later.bearer_header).status_code == 401


def test_a_running_server_goes_on_with_what_was_restored(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        former = server.sign_in("alice", PASSWORD)
        assert server.request("GET", "/members", {"Authorization": f"Bearer {former}"}).status == 200
        server.command("backup", str(tmp_path / "b"))
        server.command("user", "disable", "alice")
        server.command("restore", "--force", str(tmp_path / "b"))
        assert server.request("GET", "/members", {"Authorization": f"Bearer {former}"}).status == 401
        token = server.sign_in("alice", PASSWORD)
        assert server.request("GET", "/members", {"Authorization": f"Bearer {token}"}).status == 200


@pytest.mark.each_database
def test_a_database_with_accounts_is_replaced_only_by_force(
    app: Flask, add_account: Callable[..., str], tmp_path: Path
) -> None:
    run(app, "backup", tmp_path / "empty")
    add_account("alice")
    before = rows(app)
    code, printed = run(app, "restore", tmp_path / "empty")
    assert (code, "The database has 1 account" in printed, "--force" in printed) == (1, True, True)
    assert rows(app) == before


@pytest.mark.each_database
def test_an_older_backup_is_brought_up_to_date(app: Flask, environ: dict[str, str], tmp_path: Path) -> None:
    add_rows_of_every_kind(app)
    with app.app_context():
        downgrade(current_runtime().engine, "0004")
    assert run(app, "backup", tmp_path / "b")[0] == 0
    with app_with(environ, DAYPASS_DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3") as other:
        assert run(other, "restore", tmp_path / "b")[0] == 0
        restored = rows(other)
    assert {row["name"] for row in restored["accounts"]} == {"älice", "bob"}
    assert {row["hosts"] is None for row in restored["sessions"]} == {True}


def test_a_backup_of_a_newer_version_is_refused_in_one_sentence(app: Flask, tmp_path: Path) -> None:
    run(app, "backup", tmp_path / "b")
    with closing(sqlite3.connect(tmp_path / "b")) as backup:
        backup.execute("UPDATE alembic_version SET version_num = '9999'")
        backup.commit()
    before = rows(app)
    code, printed = run(app, "restore", "--force", tmp_path / "b")
    assert (code, f"{tmp_path}/b is from a newer version of Daypass (" in printed, printed.count("\n")) == (1, True, 1)
    assert rows(app) == before


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("no file", "cannot be read: No such file or directory."),
        ("text", "is damaged or is not a backup of Daypass."),
        ("another database", "is not a backup made by `daypass backup`."),
        ("cut in half", "is damaged or is not a backup of Daypass."),
        ("overwritten in the middle", "is damaged or is not a backup of Daypass."),
    ],
)
def test_a_file_that_is_no_undamaged_backup_changes_nothing(
    app: Flask, tmp_path: Path, damage: str, message: str
) -> None:
    add_rows_of_every_kind(app)
    run(app, "backup", tmp_path / "b")
    whole, path = (tmp_path / "b").read_bytes(), tmp_path / "damaged"
    match damage:
        case "text":
            path.write_text("my shopping list " * 500)
        case "another database":
            with closing(sqlite3.connect(path)) as other:
                other.execute("CREATE TABLE accounts (id)")
        case "cut in half":
            path.write_bytes(whole[: len(whole) // 2])
        case "overwritten in the middle":
            path.write_bytes(whole[:8192] + b"\x55" * 8192 + whole[16384:])
    before = rows(app)
    code, printed = run(app, "restore", "--force", path)
    assert (code, printed.startswith(f"Error: {path} {message}"), printed.count("\n")) == (1, True, 1), printed
    assert rows(app) == before


@pytest.mark.each_database
def test_keys_under_another_secret_key_are_refused_and_the_message_says_what_to_do(
    app: Flask, environ: dict[str, str], sign_in: Callable[..., Person], tmp_path: Path
) -> None:
    person = sign_in("alice")
    run(app, "backup", tmp_path / "b")
    before = rows(app)
    with app_with(environ, DAYPASS_SECRET_KEY=OTHER_SECRET) as other:
        code, printed = run(other, "restore", "--force", "--keep-sessions", tmp_path / "b")
        assert (code, "DAYPASS_SECRET_KEY_FALLBACKS" in printed, "--drop-keys" in printed) == (1, True, True)
        assert rows(other) == before
    with app_with(environ, DAYPASS_SECRET_KEY=OTHER_SECRET, DAYPASS_SECRET_KEY_FALLBACKS=SECRET_KEY) as other:
        assert run(other, "restore", "--force", "--keep-sessions", tmp_path / "b")[0] == 0
    with app_with(environ, DAYPASS_SECRET_KEY=OTHER_SECRET) as other:
        assert other.test_client().get("/members", headers=person.bearer_header).status_code == 200


@pytest.mark.each_database
def test_a_backup_with_its_secret_key_is_restored_under_another_one(
    app: Flask, environ: dict[str, str], sign_in: Callable[..., Person], tmp_path: Path
) -> None:
    person = sign_in("alice")
    run(app, "backup", "--with-secret-key", tmp_path / "b")
    with app_with(environ, DAYPASS_SECRET_KEY=OTHER_SECRET) as other:
        assert run(other, "restore", "--force", "--keep-sessions", tmp_path / "b")[0] == 0
        assert other.test_client().get("/members", headers=person.bearer_header).status_code == 200


@pytest.mark.each_database
def test_if_the_secret_key_is_lost_the_accounts_are_restored_without_the_keys(
    app: Flask, environ: dict[str, str], sign_in: Callable[..., Person], tmp_path: Path
) -> None:
    person = sign_in("alice")
    run(app, "backup", tmp_path / "b")
    with app_with(environ, DAYPASS_SECRET_KEY=OTHER_SECRET) as other:
        assert run(other, "restore", "--force", "--drop-keys", tmp_path / "b")[0] == 0
        assert run(other, "user", "list")[1] == "alice\t-\tenabled\n"
        assert other.test_client().get("/members", headers=person.bearer_header).status_code == 401
        with other.app_context():
            kids = current_db().query(StoredKey.kid).all()
            assert [(current_runtime().keys.current().signing.kid,)] == kids


@pytest.mark.each_database
def test_a_restore_that_is_killed_leaves_the_former_data(
    app: Flask, environ: dict[str, str], add_account: Callable[..., str], tmp_path: Path
) -> None:
    with app.app_context(), write_transaction(current_db()) as db:
        add_many_sessions(db, 10_000)
    run(app, "backup", tmp_path / "b")
    with app.app_context(), write_transaction(current_db()) as db:
        db.query(AuthSession).delete()
    add_account("alice")
    before = rows(app)
    arguments = [sys.executable, "app.py", "restore", "--force", str(tmp_path / "b")]
    process = subprocess.Popen(arguments, cwd=ROOT, env=environ | {"TMPDIR": str(tmp_path)}, stderr=subprocess.DEVNULL)
    wait_until_it_writes(environ["DAYPASS_DATABASE_URL"], process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert rows(app) == before
    assert run(app, "restore", "--force", tmp_path / "b")[0] == 0
    assert len(rows(app)["sessions"]) == 10_000


def wait_until_it_writes(database_url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the process has inserted many rows, which it has not committed."""
    while process.poll() is None:
        if has_written(database_url):
            return
        time.sleep(0.002)
    raise AssertionError("the command ended too early")


def has_written(database_url: str) -> bool:
    if database_url.startswith("sqlite"):
        log = Path(database_url.removeprefix("sqlite:///") + "-wal")
        return log.exists() and log.stat().st_size > 1_000_000
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE pid != pg_backend_pid() AND query LIKE 'INSERT INTO sessions%'"
        )
        return connection.execute(query).fetchone() == (1,)
