"""`daypass audit`: verify, list and restart the stored trail."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from daypass.audit import chain
from daypass.audit.entry import Entry
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.program.app import create_app
from daypass.runtime import Runtime
from daypass.settings.environment import read_settings
from tests.conftest import SECRET_KEY, close_app

pytestmark = pytest.mark.each_database

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run `daypass audit ...`."""
    return lambda *words, typed="": app.test_cli_runner().invoke(args=["audit", *words], input=typed)


def add(app: Flask, event: Event, ago: timedelta = timedelta(0), **facts: str) -> None:
    """Store an event that happened some time ago."""
    runtime: Runtime = app.extensions["daypass"]
    with runtime.session_factory() as db, write_transaction(db):
        entry = Entry(datetime.now(UTC) - ago, event, "success", facts)
        chain.append(db, [entry.row()], runtime.settings.secret_keys)


def execute(app: Flask, statement: str) -> None:
    runtime: Runtime = app.extensions["daypass"]
    with runtime.session_factory() as db, write_transaction(db):
        db.execute(text(statement))


def test_an_unbroken_trail_is_one_sentence(app: Flask, run: Run) -> None:
    assert (run("verify").stdout, run("verify").exit_code) == ("No events are stored.\n", 0)
    add(app, Event.SIGN_IN, timedelta(days=2))
    add(app, Event.SIGN_OUT)
    result = run("verify")
    first, last = (datetime.now(UTC) - timedelta(days=days) for days in (2, 0))
    assert result.exit_code == 0
    assert result.stdout.startswith(f"2 rows in one unbroken chain, from {first:%Y-%m-%dT%H:}")
    assert f" to {last:%Y-%m-%dT%H:}" in result.stdout
    assert result.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM events WHERE id = 2", "Row 2 is missing."),
        ("UPDATE events SET address = 'x' WHERE id = 2", "Row 2 was changed, moved or inserted"),
        ("DELETE FROM events WHERE id = 3", "The end of the trail was cut off: it ends before row 3, of 3."),
        ("DELETE FROM event_chain", "The record of where the audit trail begins and ends was deleted."),
    ],
)
def test_a_broken_trail_is_one_sentence_and_an_error(app: Flask, run: Run, statement: str, message: str) -> None:
    for _ in range(3):
        add(app, Event.SIGN_IN)
    execute(app, statement)
    result = run("verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1


def test_events_are_listed_oldest_first(app: Flask, run: Run, add_account: Callable[..., str]) -> None:
    add(app, Event.SIGN_IN, account=add_account("alice"), address="192.0.2.1")
    add(app, Event.SIGN_OUT, account="f" * 32, reason="a\x1b[2Jb")
    first, second = (line.split("\t") for line in run("list").stdout.splitlines())
    assert first[1:] == ["sign_in", "success", "1", "alice", "192.0.2.1", "-"]
    assert second[1:] == ["sign_out", "success", "1", "f" * 32, "-", "a\\u001b[2Jb"]


@pytest.mark.parametrize(
    ("words", "events"),
    [
        ([], ["sign_in", "sign_out", "renewal"]),
        (["--since", "7d"], ["sign_out", "renewal"]),
        (["--since", "24h"], ["renewal"]),
        (["--since", "2020-01-01"], ["sign_in", "sign_out", "renewal"]),
        (["--since", "2200-01-01T10:00+01:00"], []),
        (["--event", "sign_out"], ["sign_out"]),
        (["--account", "alice"], ["sign_in", "renewal"]),
        (["--account", "alice", "--since", "1d"], ["renewal"]),
    ],
)
def test_the_options_choose_events(
    app: Flask, run: Run, add_account: Callable[..., str], words: list[str], events: list[str]
) -> None:
    alice = add_account("alice")
    add(app, Event.SIGN_IN, timedelta(days=30), account=alice)
    add(app, Event.SIGN_OUT, timedelta(days=3), account="b")
    add(app, Event.RENEWAL, account="b", by=alice)
    assert [line.split("\t")[1] for line in run("list", *words).stdout.splitlines()] == events
    as_json = [json.loads(line) for line in run("list", "--json", *words).stdout.splitlines()]
    assert [line["event"] for line in as_json] == events


def test_json_has_all_facts(app: Flask, run: Run, add_account: Callable[..., str]) -> None:
    alice = add_account("alice")
    add(app, Event.SIGN_IN, account=alice, session="s1", user_agent="Test/1", request="r1")
    line = json.loads(run("list", "--json").stdout)
    assert datetime.fromisoformat(line.pop("time")).utcoffset() == timedelta(0)
    assert line == {
        "id": 1,
        "event": "sign_in",
        "outcome": "success",
        "account": alice,
        "account_name": "alice",
        "by": None,
        "address": None,
        "request": "r1",
        "count": 1,
        "facts": {"session": "s1", "user_agent": "Test/1"},
    }


@pytest.mark.parametrize("words", [["--since", "soon"], ["--event", "nothing"]])
def test_an_option_that_means_nothing_is_an_error(run: Run, words: list[str]) -> None:
    assert run("list", *words).exit_code == 2
    assert run("list", "--account", "nobody").stderr == "Error: There is no account with this name.\n"


def test_a_new_secret_key_needs_the_former_one_only_until_reencryption(app: Flask, environ: dict[str, str]) -> None:
    add(app, Event.SIGN_IN)
    both = environ | {"DAYPASS_SECRET_KEY": SECRET_KEY[::-1], "DAYPASS_SECRET_KEY_FALLBACKS": SECRET_KEY}
    new = environ | {"DAYPASS_SECRET_KEY": SECRET_KEY[::-1]}
    results = []
    for variables, words in (
        (new, "audit verify"),
        (both, "audit verify"),
        (both, "keys reencrypt"),
        (new, "audit verify"),
    ):
        other = create_app(read_settings(variables))
        results.append(other.test_cli_runner().invoke(args=words.split()))
        close_app(other)
    assert [result.exit_code for result in results] == [1, 0, 0, 0]
    assert "a secret key that is neither DAYPASS_SECRET_KEY" in results[0].stderr
    assert results[3].stdout.startswith("2 rows in one unbroken chain"), "the second is the event of the command"


def test_a_restart_begins_a_new_chain_and_is_its_first_event(app: Flask, run: Run) -> None:
    add(app, Event.SIGN_IN)
    execute(app, "UPDATE events SET address = 'x'")
    assert run("restart", typed="n\n").exit_code == 1
    assert run("verify").exit_code == 1
    assert run("restart", "--yes").exit_code == 0
    result = run("verify")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 row in one unbroken chain")
    assert result.stdout.endswith("1 row from before the restart can't be verified.\n")
    assert [line.split("\t")[1] for line in run("list").stdout.splitlines()] == ["sign_in", "audit_restarted"]
