"""Audit events: one JSON line each, for any text, and floods are limited."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, request

from daypass.audit import line_rate_limit, log
from daypass.audit.entry import Outcome, new_entry
from daypass.audit.events import Event
from daypass.audit.line_rate_limit import LineRateLimit
from daypass.web import audit
from daypass.web.request_id import request_id
from tests.helpers.event_log import written_events

HOSTILE = [
    "a\r\nb",
    "a\nforged: line",
    "\x1b[2Jcleared",
    "a\0b\x7f\x08",
    "a\u2028b\u2029c\u0085d",
    "\u202eright to left",
    "\ud800",
    '"}, {"event": "sign_in',
    "🦊é",
    "%s %(message)s {0}",
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The audit events that are logged, as the app formats them."""
    with written_events() as stream:
        yield stream


def record(event: Event, outcome: Outcome, **facts: str | None) -> None:
    """Write an event to the log only."""
    log.write(new_entry(event, outcome, facts))


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_an_event_is_one_json_line(written: io.StringIO) -> None:
    record(Event.SIGN_IN, "success", account="a1", session=None)
    record(Event.SIGN_OUT, "failure", reason="no")
    first, second = lines(written)
    assert (first["event"], first["outcome"], first["account"], first["session"]) == ("sign_in", "success", "a1", None)
    assert (second["event"], second["outcome"], second["reason"]) == ("sign_out", "failure", "no")


def test_the_time_of_an_event_is_in_utc(written: io.StringIO) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    record(Event.SIGN_IN, "success")
    moment = datetime.fromisoformat(lines(written)[0]["time"])
    assert moment.utcoffset() == timedelta(0)
    assert before <= moment <= datetime.now(UTC)


def test_an_event_describes_its_request(app: Flask, written: io.StringIO) -> None:
    asked = app.test_request_context(
        "/members?token=secret",
        method="POST",
        headers={"User-Agent": "Test/1"},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    with asked:
        audit.record(Event.TOKEN_REFUSED, "failure", reason="expired")
        identifier = request_id(request.environ)
        assert request_id(request.environ) == identifier
    line = lines(written)[0]
    del line["time"]
    assert line == {
        "event": "token_refused",
        "outcome": "failure",
        "reason": "expired",
        "address": "192.0.2.7",
        "method": "POST",
        "path": "/members",
        "user_agent": "Test/1",
        "request": identifier,
    }


def test_every_request_has_an_id_of_its_own(app: Flask) -> None:
    found = set()
    for _ in range(20):
        with app.test_request_context("/"):
            found.add(request_id(request.environ))
    assert len(found) == 20


def test_an_event_of_a_command_has_no_request_fields(app: Flask, written: io.StringIO) -> None:
    app.test_cli_runner().invoke(args=["keys", "rotate"])
    line = lines(written)[0]
    assert (line["address"], line["path"], line["request"], line["by"]) == (None, None, None, "terminal")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_on_its_line_and_comes_back_whole(written: io.StringIO, text: str) -> None:
    record(Event.SIGN_IN, "failure", reason=text)
    line, rest = written.getvalue().split("\n", 1)
    assert rest == ""
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["reason"] == text


def test_a_hostile_request_stays_on_its_line(app: Flask, written: io.StringIO) -> None:
    hostile = {"HTTP_USER_AGENT": "x\r\ny\x1b[2J" + "z" * 10_000, "REQUEST_METHOD": "M" * 10_000}
    with app.test_request_context("/a%0D%0Ab%1B%E2%80%A8" + "c" * 10_000, environ_overrides=hostile):
        audit.record(Event.TOKEN_REFUSED, "failure")
    line, rest = written.getvalue().split("\n", 1)
    assert rest == ""
    assert line.isascii()
    assert line.isprintable()
    assert len(line) < 2_000
    assert json.loads(line)["path"].startswith("/a\r\nb\x1b\u2028c")


def test_events_go_to_the_standard_error_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log.log, "handlers", [])
    log.init_logging()
    log.init_logging()
    record(Event.SIGN_IN, "success")
    output = capsys.readouterr()
    assert output.out == ""
    assert [json.loads(line)["event"] for line in output.err.splitlines()] == ["sign_in"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of the rate limit, in the middle of a minute."""
    clock = SimpleNamespace(now=100_030.0)
    monkeypatch.setattr(line_rate_limit, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class LimitedLog:
    """A log with a rate limit, and the clock that the test moves."""

    def __init__(self, most: int, clock: SimpleNamespace) -> None:
        self.clock = clock
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.addFilter(LineRateLimit(most))

    def write(self, event: str) -> None:
        line = logging.makeLogRecord({"msg": json.dumps({"event": event}), "event": event})
        self.handler.handle(line)

    def events(self) -> list[Any]:
        found = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        self.stream.seek(0)
        self.stream.truncate()
        return [fact for line in found for fact in (line.get("left_out_before"), line["event"]) if fact]


def test_a_flood_is_limited_per_event(clock: SimpleNamespace) -> None:
    log = LimitedLog(3, clock)
    for _ in range(5):
        log.write("token_refused")
    for _ in range(2):
        log.write("sign_in")
    assert log.events() == ["token_refused"] * 3 + ["sign_in"] * 2


def test_the_next_minute_has_the_number_of_missing_lines(clock: SimpleNamespace) -> None:
    log = LimitedLog(3, clock)
    for event, count in (("token_refused", 10), ("sign_in", 5), ("sign_out", 3)):
        for _ in range(count):
            log.write(event)
    log.events()
    log.clock.now += 60
    log.write("sign_out")
    assert log.events() == [7 + 2, "sign_out"]
    for _ in range(3):
        log.write("token_refused")
    assert log.events() == ["token_refused"] * 3
    log.clock.now += 60
    log.write("sign_out")
    assert log.events() == ["sign_out"]


@pytest.mark.usefixtures("clock")
def test_the_apps_own_log_is_cut_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(log.log, "handlers", [])
    log.init_logging()
    for _ in range(line_rate_limit.MAX_EVENTS_PER_MINUTE + 5):
        record(Event.TOKEN_REFUSED, "failure")
    record(Event.SIGN_IN, "success")
    lines_printed = capsys.readouterr().err.splitlines()
    assert len(lines_printed) == line_rate_limit.MAX_EVENTS_PER_MINUTE + 1
    assert json.loads(lines_printed[-1])["event"] == "sign_in"


def test_a_flood_of_failures_hides_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log.log, "handlers", [])
    log.init_logging()
    for _ in range(line_rate_limit.MAX_EVENTS_PER_MINUTE + 1):
        record(Event.SIGN_IN, "failure")
    record(Event.SIGN_IN, "success")
    assert json.loads(capsys.readouterr().err.splitlines()[-1])["outcome"] == "success"
