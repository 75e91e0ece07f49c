"""Plain log lines: each has its time, none can be forged, floods are limited."""

import json
import logging
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from daypass.program import log as server_log
from daypass.program.log import MAX_LINES_PER_MINUTE, StandardError
from daypass.web.context import current_runtime
from tests.helpers.factories import add_sessions
from tests.helpers.server import running
from tests.integration.faults.load import eventually, get_gated_page, sign_in
from tests.integration.faults.worker_processes import kill, workers

PLAIN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00) (WARNING|ERROR|CRITICAL) \S.*")
AT_THE_START = ("No account exists yet", "  http", "Daypass serves ")


def without_time(lines: list[str]) -> list[str]:
    """The lines without a UTC time that do not continue the line before."""
    plain = [line for line in lines if not line.startswith(("{", "  ", *AT_THE_START))]
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert all(datetime.fromisoformat(event["time"]).utcoffset() == timedelta(0) for event in events)
    return [line for line in plain if not PLAIN.fullmatch(line)]


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A separate logger with the app's handler."""
    log = logging.getLogger("test_server_log")
    log.addHandler(handler := StandardError())
    log.propagate = False
    yield log
    log.removeHandler(handler)


def test_a_line_begins_with_its_moment_in_utc(log: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    log.warning("the %s has changed", "file")
    line = capsys.readouterr().err
    moment = PLAIN.fullmatch(line.removesuffix("\n"))
    assert moment
    assert before <= datetime.fromisoformat(moment[1]) <= datetime.now(UTC)
    assert line.endswith(" WARNING the file has changed\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_no_text_can_start_a_line_of_its_own(
    log: logging.Logger, capsys: pytest.CaptureFixture[str], newline: str
) -> None:
    try:
        raise ValueError(f"odd{newline}2026-01-01T00:00:00.000+00:00 ERROR forged")
    except ValueError as error:
        log.error("failed: %s", error, exc_info=error)
    first, *rest = capsys.readouterr().err.splitlines()
    assert PLAIN.fullmatch(first)
    assert len(rest) >= 4
    assert [line for line in rest if not line.startswith("  ")] == []


def test_a_flood_is_limited_per_place_in_the_code(log: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3 * MAX_LINES_PER_MINUTE):
        log.error(f"line {number}")  # as libraries do it: every text is another one
    log.error("another place")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= 2 * MAX_LINES_PER_MINUTE + 1  # two, if a minute ends meanwhile
    assert lines[-1].endswith("another place")


@pytest.mark.usefixtures("app")
def test_flask_finds_a_handler_and_adds_none_of_its_own(app: Flask) -> None:
    handlers = list(logging.getLogger("daypass").handlers)
    assert [type(handler) for handler in handlers] == [StandardError]
    assert app.logger.handlers == handlers
    assert logging.lastResort in handlers


def test_the_error_that_ends_a_thread_is_a_line_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(threading, "excepthook", server_log._log_end_of_thread)
    monkeypatch.setattr(server_log, "log", logging.getLogger("test_end_of_thread"))  # without a used quota
    thread = threading.Thread(target=lambda: 1 / 0, name="chores")
    thread.start()
    thread.join()
    assert [record.getMessage() for record in caplog.records] == ["thread chores ended with an error"]
    assert "ZeroDivisionError" in caplog.text


def test_a_full_queue_is_an_event_and_not_a_plain_line(
    app: Flask,
    events: Callable[[], list[dict[str, str]]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with app.app_context():
        queue = current_runtime().hasher._queue
    monkeypatch.setattr(queue, "_share", 1)
    client = app.test_client()
    with queue.slot("127.0.0.1"):
        response = client.post("/login", json={"username": "alice", "password": "wrong"})
    assert response.status_code == 503
    assert [(e["event"], e["outcome"], e["address"], e["path"]) for e in events()] == [
        ("busy", "failure", "127.0.0.1", "/login")
    ]
    assert events()[0]["reason"] == "the address holds its share of the queue"
    assert [line for line in capsys.readouterr().err.splitlines() if not line.startswith("{")] == []


def test_every_line_of_the_real_server_has_its_time_and_a_flood_of_503s_is_limited(
    tmp_path: Path, password_hash: str
) -> None:
    many = 2 * MAX_LINES_PER_MINUTE + 30  # more than two minutes' worth, as a minute may end meanwhile
    with running(tmp_path, DAYPASS_WORKERS="1", DAYPASS_THREADS="4") as server:
        token = next(iter(add_sessions(server, password_hash, 1)))
        with ThreadPoolExecutor(8) as pool:
            busy = [hit.status for hit in pool.map(lambda _: sign_in(server, "person0"), range(40))]
        with closing(sqlite3.connect(tmp_path / "daypass.sqlite3")) as database:
            database.execute("ALTER TABLE accounts RENAME TO nowhere")
        failed = [sign_in(server, "person0").status for _ in range(many)]
        flooded = server.log.splitlines()
        (worker,) = workers(server)
        kill(worker)
        assert eventually(lambda: workers(server) not in ([], [worker]) and get_gated_page(server, token).status != 0)
        lines = server.log.splitlines()
    assert set(busy) <= {200, 503, 0}  # 0: the server closed the connection before it read the body
    assert 503 in busy
    assert failed == [503] * many
    assert without_time(lines) == []
    assert sum('"event": "busy"' in line for line in lines) == len(busy) - busy.count(200)
    assert any("Unexpected exit from worker-1" in line for line in lines)
    for plain in ("the database failed", "database: OperationalError"):
        count = sum(plain in line for line in flooded if PLAIN.fullmatch(line))
        assert MAX_LINES_PER_MINUTE <= count <= 2 * MAX_LINES_PER_MINUTE
    assert sum(line.startswith("  Traceback") for line in flooded) <= 2 * MAX_LINES_PER_MINUTE
