"""The chain of stored events: each kind of tampering is found, and honest work breaks nothing."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from daypass.audit import chain, retention, verification
from daypass.audit.errors import BrokenTrail
from daypass.audit.events import Event
from daypass.database.event_models import EventChain
from daypass.database.transactions import in_batches, write_transaction
from tests.audit.conftest import StoredTrail
from tests.conftest import SECRET_KEY
from tests.helpers.project import ROOT

pytestmark = pytest.mark.each_database

OTHER_SECRET = SECRET_KEY[::-1]
COPY = "INSERT INTO events SELECT {id}, at, event, outcome, account_id, by_id, address, request_id, facts, count, mac"


def test_rows_are_numbered_without_gaps_and_verify(stored: StoredTrail) -> None:
    stored.add(5)
    verified = stored.verify()
    assert [row.id for row in stored.rows()] == [1, 2, 3, 4, 5]
    assert (verified.rows, verified.uncovered) == (5, 0)
    assert (verified.first, verified.last) == (stored.rows()[0].at, stored.rows()[-1].at)


def test_an_unused_trail_is_unbroken(stored: StoredTrail) -> None:
    assert stored.verify().rows == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event", "sign_out"),
        ("outcome", "failure"),
        ("account_id", "f" * 32),
        ("account_id", None),
        ("by_id", "terminal"),
        ("address", "203.0.113.9"),
        ("request_id", "other"),
        ("facts", "{}"),
        ("count", 2),
        ("mac", "0" * 64),
    ],
)
def test_a_changed_row_is_found(stored: StoredTrail, column: str, value: object) -> None:
    stored.add(5)
    stored.execute(f"UPDATE events SET {column} = :value WHERE id = 3", value=value)  # noqa: S608
    assert stored.problem() == "Row 3 was changed, moved or inserted after Daypass wrote the trail."


def test_a_changed_time_is_found(stored: StoredTrail) -> None:
    stored.add(3)
    stored.execute("UPDATE events SET at = (SELECT at FROM events WHERE id = 3) WHERE id = 2")
    assert stored.problem() == "Row 2 was changed, moved or inserted after Daypass wrote the trail."


def test_a_gap_is_found(stored: StoredTrail) -> None:
    stored.add(6)
    stored.execute("DELETE FROM events WHERE id = 4")
    assert stored.problem() == "Row 4 is missing."
    stored.execute("DELETE FROM events WHERE id = 3")
    assert stored.problem() == "Rows 3 to 4 are missing."


def test_a_gap_that_was_closed_by_renumbering_is_found(stored: StoredTrail) -> None:
    stored.add(5)
    stored.execute("DELETE FROM events WHERE id = 3")
    stored.execute("UPDATE events SET id = 3 WHERE id = 4")
    stored.execute("UPDATE events SET id = 4 WHERE id = 5")
    assert stored.problem() == "Row 3 was changed, moved or inserted after Daypass wrote the trail."


def test_two_rows_that_changed_places_are_found(stored: StoredTrail) -> None:
    stored.add(5)
    for old, new in ((2, 99), (3, 2), (99, 3)):
        stored.execute("UPDATE events SET id = :new WHERE id = :old", old=old, new=new)
    assert stored.problem() == "Row 2 was changed, moved or inserted after Daypass wrote the trail."


@pytest.mark.parametrize("removed", [1, 2, 4])
def test_an_end_that_was_cut_off_is_found(stored: StoredTrail, removed: int) -> None:
    stored.add(4)
    stored.execute("DELETE FROM events WHERE id > :last", last=4 - removed)
    assert stored.problem() == f"The end of the trail was cut off: it ends before row {5 - removed}, of 4."


def test_an_end_that_was_cut_off_with_its_record_is_found(stored: StoredTrail) -> None:
    stored.add(2)
    with stored.database() as db:
        mac = chain.read_ends(db).head_mac
    stored.add(2)
    stored.execute("DELETE FROM events WHERE id > 2")
    stored.execute("UPDATE event_chain SET head_id = 2, head_mac = :mac", mac=mac)
    assert stored.problem() == chain.WRONG_SEAL


def test_a_beginning_that_was_cut_off_is_found(stored: StoredTrail) -> None:
    stored.add(4)
    stored.execute("DELETE FROM events WHERE id <= 2")
    assert stored.problem() == "Rows 1 to 2 are missing."
    stored.execute("UPDATE event_chain SET start_id = 2")
    assert stored.problem() == chain.WRONG_SEAL


def test_an_added_row_is_found(stored: StoredTrail) -> None:
    stored.add(3)
    stored.execute(COPY.format(id=4) + " FROM events WHERE id = 3")
    assert stored.problem() == "Row 4 was not written by Daypass: the trail ends with row 3."


def test_a_row_added_before_the_beginning_is_found(stored: StoredTrail) -> None:
    stored.add(3)
    stored.execute(COPY.format(id=-5) + " FROM events WHERE id = 3")
    assert stored.problem() == "Row -5 was not written by Daypass: the trail begins after row 0."


def test_a_chain_with_a_key_of_the_attackers_is_found(stored: StoredTrail) -> None:
    """Somebody who does not know SECRET_KEY writes all rows again, under a key that they know."""
    stored.add(3)
    with stored.database() as db, write_transaction(db):
        db.execute(text("DELETE FROM events"))
        db.execute(text("DELETE FROM event_chain"))
        forged = EventChain(id=1, start_id=0, start_mac="", head_id=0, head_mac="", uncovered_id=0, seal="")
        chain._begin(forged, [OTHER_SECRET])
        db.add(forged)
    assert stored.problem() == chain.UNREADABLE


@pytest.mark.parametrize(("later", "wrong"), [(1, 3), (2, 4)])
def test_a_row_of_another_history_is_found(stored: StoredTrail, later: int, wrong: int) -> None:
    """An older state of the trail is put back, it goes on, and then gets a row that once had the same number."""
    stored.add(2)
    stored.execute("CREATE TABLE old_chain AS SELECT * FROM event_chain")
    stored.add(1, Event.SIGN_OUT)
    stored.execute("CREATE TABLE old_rows AS SELECT * FROM events WHERE id = 3")
    stored.execute("DELETE FROM events WHERE id = 3")
    stored.execute("DELETE FROM event_chain")
    stored.execute("INSERT INTO event_chain SELECT * FROM old_chain")
    stored.add(later)
    stored.execute("DELETE FROM events WHERE id = 3")
    stored.execute("INSERT INTO events SELECT * FROM old_rows")
    assert stored.problem() == f"Row {wrong} was changed, moved or inserted after Daypass wrote the trail."


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM event_chain", chain.NO_ENDS),
        ("UPDATE event_chain SET seal = ''", chain.WRONG_SEAL),
        ("UPDATE event_chain SET uncovered_id = 3", chain.WRONG_SEAL),
        (
            "UPDATE event_chain SET sealed_key = NULL",
            "Row 1 was not written by Daypass, or the key of the trail was deleted.",
        ),
    ],
)
def test_changed_ends_are_found(stored: StoredTrail, statement: str, problem: str) -> None:
    stored.add(3)
    stored.execute(statement)
    assert stored.problem() == problem


def test_a_deleted_key_is_found_after_further_events_too(stored: StoredTrail) -> None:
    stored.add(3)
    stored.execute("UPDATE event_chain SET sealed_key = NULL")
    stored.add(1)
    assert stored.problem() == "Row 1 was changed, moved or inserted after Daypass wrote the trail."


def test_events_after_tampering_do_not_hide_it(stored: StoredTrail) -> None:
    stored.add(4)
    stored.execute("UPDATE events SET account_id = NULL WHERE id = 2")
    stored.execute("DELETE FROM events WHERE id = 4")
    stored.add(3)
    assert stored.problem() == "Row 2 was changed, moved or inserted after Daypass wrote the trail."


def test_more_than_a_batch_is_verified(stored: StoredTrail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "BATCH", 3)
    stored.add(7)
    assert stored.verify().rows == 7
    stored.execute("UPDATE events SET address = NULL WHERE id = 7")
    assert stored.problem() == "Row 7 was changed, moved or inserted after Daypass wrote the trail."


def age(stored: StoredTrail, upto: int, days: int) -> None:
    """Make the trail anew, as if its first rows had been written so many days ago."""
    with stored.database() as db, write_transaction(db):
        ends = chain.read_ends(db)
        key, previous = chain.open_key(ends, [SECRET_KEY]), ends.start_mac
        for row in verification._rows_after(db, ends.start_id):
            row.at = row.at - timedelta(days=days) if row.id <= upto else row.at
            row.mac = previous = chain.row_mac(key, row, previous)
        ends.head_mac = previous
        ends.seal = chain.seal(key, ends)


def prune(stored: StoredTrail, days: int) -> int:
    with stored.database() as db:
        return in_batches(db, lambda db: retention.prune(db, timedelta(days=days), [SECRET_KEY]))


def test_a_pruned_chain_verifies_and_goes_on(stored: StoredTrail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    stored.add(7)
    age(stored, upto=5, days=91)
    assert prune(stored, 90) == 5
    assert [row.id for row in stored.rows()] == [6, 7]
    stored.add(1)
    assert stored.verify().rows == 3
    age(stored, upto=8, days=91)
    assert prune(stored, 90) == 3
    assert stored.verify().rows == 0
    stored.add(1)
    assert [row.id for row in stored.rows()] == [9]
    assert stored.verify().rows == 1


def test_a_gap_after_pruning_is_found(stored: StoredTrail) -> None:
    stored.add(5)
    age(stored, upto=2, days=91)
    prune(stored, 90)
    stored.execute("DELETE FROM events WHERE id = 3")
    assert stored.problem() == "Row 3 is missing."


def test_a_changed_row_is_not_pruned(stored: StoredTrail) -> None:
    stored.add(5)
    age(stored, upto=4, days=91)
    stored.execute("UPDATE events SET account_id = NULL WHERE id = 2")
    with pytest.raises(BrokenTrail, match="Row 2"):
        prune(stored, 90)
    assert len(stored.rows()) == 5


def test_rows_verify_with_a_former_secret_key_and_with_the_new_one_after_reencryption(stored: StoredTrail) -> None:
    stored.add(3)
    assert stored.verify(OTHER_SECRET, SECRET_KEY).rows == 3
    with pytest.raises(BrokenTrail, match="a secret key that is neither"):
        stored.verify(OTHER_SECRET)
    with stored.database() as db, write_transaction(db):
        chain.reencrypt(db, [OTHER_SECRET, SECRET_KEY])
    assert stored.verify(OTHER_SECRET).rows == 3
    with pytest.raises(BrokenTrail, match="a secret key that is neither"):
        stored.verify()


def test_a_new_chain_goes_on_after_a_broken_one(stored: StoredTrail) -> None:
    stored.add(3)
    stored.execute("DELETE FROM event_chain")
    with stored.database() as db, write_transaction(db):
        chain.restart(db, [SECRET_KEY])
    stored.add(2)
    assert [row.id for row in stored.rows()] == [1, 2, 3, 4, 5]
    assert (stored.verify().rows, stored.verify().uncovered) == (2, 3)
    stored.execute("UPDATE events SET address = NULL WHERE id = 5")
    assert stored.problem() == "Row 5 was changed, moved or inserted after Daypass wrote the trail."


def test_rows_from_before_a_restart_are_pruned(stored: StoredTrail) -> None:
    stored.add(3)
    age(stored, upto=3, days=91)
    with stored.database() as db, write_transaction(db):
        chain.restart(db, [SECRET_KEY])
    stored.add(2)
    assert prune(stored, 90) == 3
    assert (stored.verify().rows, stored.verify().uncovered) == (2, 0)


def test_threads_of_two_processes_write_one_unbroken_chain(stored: StoredTrail, another: StoredTrail) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: (stored, another)[number % 2].add(5), range(6)))
    assert stored.verify().rows == 30


WRITER = '''
import sys
from sqlalchemy import text
from daypass.program.app import create_app
from daypass.audit.events import Event

IN_TURNS = """
SELECT count(*) FROM events WHERE account_id <> :name
AND id > (SELECT min(id) FROM events WHERE account_id = :name)
AND id < (SELECT max(id) FROM events WHERE account_id = :name)
"""
name, runtime = sys.argv[1], create_app().extensions["daypass"]
print("ready", flush=True)
sys.stdin.readline()
for number in range(10_000):
    runtime.audit.record(Event.SIGN_IN, "success", account=name, session=str(number))
    with runtime.session_factory() as db:
        if number >= 40 and db.scalar(text(IN_TURNS), {"name": name}):
            break
'''


def start_writer(environ: dict[str, str], name: str) -> subprocess.Popen[str]:
    """Start a process that records events once it has read a line.

    It records at least 40, and goes on until events of another are between them.
    """
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, name],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert writer.stdout
    assert writer.stdout.readline() == "ready\n"
    return writer


def test_two_processes_that_write_at_once_keep_one_unbroken_chain(stored: StoredTrail, environ: dict[str, str]) -> None:
    writers = [start_writer(environ, name) for name in ("first", "second")]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
    accounts = [row.account_id or "" for row in stored.rows()]
    assert min(accounts.count("first"), accounts.count("second")) >= 40
    assert accounts != sorted(accounts), "they wrote in turns"
    assert stored.verify().rows == len(accounts)
