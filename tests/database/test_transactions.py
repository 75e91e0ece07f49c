"""Write transactions, SQLite's settings, and the detection of changes."""

import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.change_detector import SqliteChangeDetector
from daypass.database.engine import prepare
from daypass.database.models import Account, AuthSession, Base
from daypass.database.schema import create_file
from daypass.database.transactions import write_transaction

SessionMaker = sessionmaker[Session]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return f"{tmp_path}/daypass.sqlite3"


@pytest.fixture
def make_sessions(path: str) -> Iterator[Callable[[], SessionMaker]]:
    """Each call opens a new connection, as another process would."""
    engines = []

    def make() -> SessionMaker:
        engines.append(create_engine(f"sqlite:///{path}"))
        prepare(engines[-1])
        Base.metadata.create_all(engines[-1])
        return sessionmaker(engines[-1])

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def sessions(make_sessions: Callable[[], SessionMaker]) -> SessionMaker:
    return make_sessions()


@pytest.fixture
def db(sessions: SessionMaker) -> Iterator[Session]:
    with sessions() as db:
        yield db


@pytest.fixture
def detector(path: str) -> Iterator[SqliteChangeDetector]:
    detector = SqliteChangeDetector(path)
    yield detector
    detector.close()


def account(name: str) -> Account:
    return Account(name=name, password_hash="x", roles=[])


def names(db: Session) -> set[str]:
    db.rollback()
    return set(db.scalars(select(Account.name)))


def test_what_was_written_is_committed_at_the_end(db: Session, sessions: SessionMaker) -> None:
    with write_transaction(db) as same:
        assert same is db
        db.add(account("alice"))
    with sessions() as other:
        assert names(other) == {"alice"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_rolls_everything_back_and_goes_on(
    db: Session, sessions: SessionMaker, error: type[BaseException]
) -> None:
    with pytest.raises(error), write_transaction(db):
        db.add(account("alice"))
        db.flush()
        raise error
    assert not db.in_transaction()
    assert names(db) == set()
    with write_transaction(db):
        db.add(account("bob"))
    with sessions() as other:
        assert names(other) == {"bob"}


def test_an_error_at_the_commit_rolls_everything_back(db: Session) -> None:
    with pytest.raises(IntegrityError), write_transaction(db):
        db.add_all([account("alice"), account("alice")])
    assert names(db) == set()


def test_what_was_begun_before_is_not_written_along(db: Session) -> None:
    db.add(account("stray"))
    db.flush()
    with write_transaction(db):
        db.add(account("alice"))
    assert names(db) == {"alice"}


def test_the_write_lock_is_taken_before_anything_is_written(db: Session, path: str) -> None:
    other = sqlite3.connect(path, isolation_level=None, timeout=0)
    with write_transaction(db), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_reading_takes_no_lock_and_waits_for_none(db: Session, sessions: SessionMaker) -> None:
    with sessions() as reader:
        assert names(reader) == set()
        with write_transaction(db):
            db.add(account("alice"))
            db.flush()
            assert names(reader) == set()
        assert names(reader) == {"alice"}


def test_a_write_sees_what_others_wrote_since_the_last_read(db: Session, sessions: SessionMaker) -> None:
    assert names(db) == set()
    with sessions() as other, write_transaction(other):
        other.add(account("alice"))
    with write_transaction(db):
        assert db.scalar(select(func.count(Account.id))) == 1
        db.add(account("bob"))
    assert names(db) == {"alice", "bob"}


def test_a_second_writer_waits_for_the_first(make_sessions: Callable[[], SessionMaker]) -> None:
    """Each reads a number and writes the next one; no write is lost."""
    first = make_sessions()
    with first() as db, write_transaction(db):
        db.add(account("0"))
    start = threading.Barrier(4, timeout=10)

    def count_up(sessions: SessionMaker) -> None:
        start.wait()
        for _ in range(5):
            with sessions() as db, write_transaction(db):
                row = db.scalars(select(Account)).one()
                row.name = str(int(row.name) + 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, [first, first, make_sessions(), make_sessions()]))
    with first() as db:
        assert names(db) == {"20"}


def test_foreign_keys_are_held(db: Session) -> None:
    now = datetime.now(UTC)
    orphan = AuthSession(
        account_id="nobody",
        kind="browser",
        created_at=now,
        last_seen_at=now,
        expires_at=now,
        until_at=now,
        address="",
        user_agent="",
    )
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), write_transaction(db):
        db.add(orphan)


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)]
)
def test_every_connection_is_set_up(make_sessions: Callable[[], SessionMaker], pragma: str, value: object) -> None:
    for sessions in (make_sessions(), make_sessions()):
        with sessions() as first, sessions() as second:
            assert {db.scalar(text(f"PRAGMA {pragma}")) for db in (first, second)} == {value}


def test_the_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "daypass.sqlite3"
    create_file(str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_bytes(b"content")
    create_file(str(file))
    assert file.read_bytes() == b"content"


def test_a_file_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        create_file(str(tmp_path / "file" / "daypass.sqlite3"))
    with pytest.raises(OSError, match="directory"):
        create_file(str(tmp_path))


def test_the_version_changes_with_every_commit_elsewhere(db: Session, detector: SqliteChangeDetector) -> None:
    versions = [detector.version()]
    for name in ("alice", "bob"):
        with write_transaction(db):
            db.add(account(name))
        versions.append(detector.version())
    assert len(set(versions)) == 3


def test_the_version_stays_while_nothing_is_committed(db: Session, detector: SqliteChangeDetector) -> None:
    version = detector.version()
    assert detector.version() == version
    names(db)
    with pytest.raises(ValueError, match="no"), write_transaction(db):
        db.add(account("alice"))
        db.flush()
        assert detector.version() == version
        raise ValueError("no")
    assert detector.version() == version


def test_the_version_is_the_same_for_all_threads(db: Session, detector: SqliteChangeDetector) -> None:
    with ThreadPoolExecutor(4) as pool:
        before = {pool.submit(detector.version).result() for _ in range(8)}
        with write_transaction(db):
            db.add(account("alice"))
        after = {pool.submit(detector.version).result() for _ in range(8)}
    assert len(before) == len(after) == 1
    assert before != after


def test_what_is_committed_while_the_watch_is_closed_changes_the_version(
    db: Session, detector: SqliteChangeDetector
) -> None:
    version = detector.version()
    detector.close()
    with write_transaction(db):
        db.add(account("alice"))
    assert detector.version() != version


def test_a_database_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"garbage " * 1024)
    for path in (garbage, tmp_path / "missing" / "daypass.sqlite3"):
        detector = SqliteChangeDetector(str(path))
        with pytest.raises(sqlite3.Error):
            detector.version()
        detector.close()
