"""`daypass user import`: accounts from a file of another system."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from daypass.accounts import accounts, password_hasher
from daypass.accounts.importing import storing
from daypass.database.event_models import EventRow
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import setup_code

HASH = "$2b$04$tsf88ukQB1oqpdDlQ120y.oLdzNdbbO1YJrG1UDHjlhCT8VvtdDhi"
PASSWORD = "correct horse"
CSV = f"name,password_hash,roles,email\nann,{HASH},staff reader,ann@example.org\nBob,{HASH},admin,\ncat,,,\n"

Import = Callable[..., Result]


@pytest.fixture
def import_file(app: Flask, tmp_path: Path) -> Import:
    """Run `daypass user import` on a file with this text."""

    def run(text: str | bytes, *options: str, name: str = "users.csv") -> Result:
        file = tmp_path / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return app.test_cli_runner().invoke(args=["user", "import", str(file), *options])

    return run


def stored(app: Flask) -> list[tuple[str, list[str], str | None]]:
    with app.app_context():
        rows = current_db().execute(select(Account.name, Account.roles, Account.email).order_by(Account.name))
        return [(name, roles, email) for name, roles, email in rows]


def sign_in(app: Flask, name: str) -> int:
    return app.test_client().post("/login", json={"username": name, "password": PASSWORD}).status_code


@pytest.mark.each_database
def test_people_sign_in_with_the_passwords_that_they_had(app: Flask, import_file: Import) -> None:
    assert import_file(CSV).stdout == "Imported 3 accounts.\n"
    assert stored(app) == [("ann", ["reader", "staff"], "ann@example.org"), ("bob", ["admin"], None), ("cat", [], None)]
    assert [sign_in(app, name) for name in ("ann", "bob", "cat")] == [200, 200, 401]


def test_the_first_sign_in_replaces_the_hash(app: Flask, import_file: Import) -> None:
    import_file(CSV)
    assert sign_in(app, "ann") == 200
    with app.app_context():
        hashes = dict(current_db().execute(select(Account.name, Account.password_hash)).all())
    assert hashes["ann"].startswith(f"{password_hasher.METHOD}$")
    assert hashes["bob"] == HASH
    assert sign_in(app, "ann") == 200


def test_a_file_of_htpasswd_is_recognized_by_its_name(app: Flask, import_file: Import) -> None:
    result = import_file(f"ann:{HASH}\n", name="passwords")
    assert result.stdout == (
        "Imported 1 account.\nNo account has the role admin yet. Give it to one: daypass user roles NAME --add admin\n"
    )
    assert import_file(f"bob:{HASH}\n", "--format", "htpasswd", name="other.csv").exit_code == 0
    assert [name for name, _, _ in stored(app)] == ["ann", "bob"]


def test_an_import_completes_the_set_up(app: Flask, import_file: Import) -> None:
    assert setup_code(app) is not None
    import_file(CSV)
    assert setup_code(app) is None


def test_each_imported_account_is_an_event(app: Flask, import_file: Import) -> None:
    import_file(CSV)
    with app.app_context():
        events = current_db().scalars(select(EventRow).where(EventRow.event == "account_created")).all()
        ids = set(current_db().scalars(select(Account.id)))
    assert {event.account_id for event in events} == ids
    assert [event.by_id for event in events] == ["terminal"] * 3


def test_lines_that_cannot_be_taken_are_listed_and_nothing_is_imported(
    app: Flask, import_file: Import, add_account: Callable[..., str]
) -> None:
    add_account("alice", ["admin"])
    result = import_file(f"{CSV}ann,{HASH},,\ndan,md5:x,,\nalice,{HASH},,\nerin,{HASH}\n")
    assert result.exit_code == 1
    assert result.stderr.replace("Checking\n", "").splitlines() == [
        "Line 5: the name ann is in line 2 already.",
        "Line 6: 'dan' was not taken: its hash is malformed, or of an unknown kind.",
        "Line 7: an account has the name alice already.",
        "Line 8: there are 2 values for 4 columns.",
        "Error: Nothing was imported, because of 4 problems.",
    ]
    assert [name for name, _, _ in stored(app)] == ["alice"]


def test_an_address_of_an_account_is_not_given_to_another(
    app: Flask, import_file: Import, add_account: Callable[..., str]
) -> None:
    account_id = add_account("alice")
    with app.app_context(), write_transaction(current_db()) as db:
        account = db.get_one(Account, account_id)
        account.email, account.email_key = "Ann@example.org", "ann@example.org"
    result = import_file(CSV)
    assert "Line 2: an account has the address ann@example.org already.\n" in result.stderr
    assert [name for name, _, _ in stored(app)] == ["alice"]


def test_the_name_of_a_deleted_account_is_used_again_only_on_request(
    app: Flask, import_file: Import, add_account: Callable[..., str]
) -> None:
    account_id = add_account("ann")
    with app.app_context(), write_transaction(current_db()) as db:
        accounts.delete(db, db.get_one(Account, account_id))
    assert "Line 2: ann was the name of a deleted account.\n" in import_file(CSV).stderr
    assert import_file(CSV, "--reuse").exit_code == 0
    with app.app_context(), write_transaction(current_db()) as db:
        accounts.delete(db, db.scalars(select(Account).where(Account.name == "ann")).one())
    assert sign_in(app, "ann") == 401


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"name,password_hash\nann,\xff\n", "Error: Line 2: this is not UTF-8 text. Nothing was imported.\n"),
        (b"", "Error: Nothing was imported, because of 1 problem.\n"),
        (b"name,password_hash\n", "users.csv has no accounts.\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(import_file: Import, text: bytes, sentence: str) -> None:
    result = import_file(text)
    assert result.exit_code == 1
    assert result.stderr.endswith(sentence)


def test_a_byte_order_mark_is_not_part_of_the_first_column(app: Flask, import_file: Import) -> None:
    assert import_file(b"\xef\xbb\xbf" + CSV.encode()).exit_code == 0
    assert len(stored(app)) == 3


@pytest.mark.each_database
def test_an_account_that_somebody_creates_meanwhile_stops_the_import(
    app: Flask, import_file: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is skipped, as if it had run before the other account was there."""
    import_file(f"name,password_hash\nbob,{HASH}\n")
    monkeypatch.setattr("daypass.accounts.importing.checking.taken", lambda db, accounts, reuse: [])
    result = import_file(CSV)
    assert result.stderr.endswith("Error: Somebody created one of these accounts meanwhile.\n")
    assert [name for name, _, _ in stored(app)] == ["bob"]


def test_a_failure_in_the_last_batch_undoes_the_first(
    app: Flask, import_file: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "BATCH", 1)
    monkeypatch.setattr("daypass.accounts.importing.checking.taken", lambda db, accounts, reuse: [])
    import_file(f"name,password_hash\ncat,{HASH}\n")
    assert import_file(CSV).exit_code == 1
    assert [name for name, _, _ in stored(app)] == ["cat"]
    with app.app_context():
        assert current_db().scalar(select(func.count()).select_from(EventRow).where(EventRow.by_id == "terminal")) == 1


def test_many_accounts_are_imported_with_their_events_in_the_chain(app: Flask, import_file: Import) -> None:
    many = "".join(f"user{number:05},{HASH}\n" for number in range(2 * storing.BATCH + 1))
    assert import_file(f"name,password_hash\n{many}").stdout.startswith("Imported 2001 accounts.\n")
    assert len(stored(app)) == 2001
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
