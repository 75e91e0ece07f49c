"""What is told about the database: its clock, and that it is there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from daypass.doctor.database import check_clock, clock_ahead, is_missing, missing, outdated, unreachable
from daypass.web.context import current_db
from tests.doctor.findings import one, told

URL = make_url("postgresql+psycopg://daypass:hazel@db.example.org/nowhere")
NO_TIME = timedelta(0)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize("off", [0, 4.9, -4.9])
def test_a_clock_that_agrees_is_not_mentioned(off: float) -> None:
    assert told(check_clock(seconds(off), NO_TIME)) == []


@pytest.mark.parametrize(("off", "way"), [(30, "30 seconds ahead of"), (-59, "59 seconds behind")])
def test_a_clock_that_is_noticeably_off_is_worth_knowing(off: float, way: str) -> None:
    found = one(check_clock(seconds(off), NO_TIME))
    assert not found.is_problem
    assert way in found.message


@pytest.mark.parametrize("off", [61, -61, 3600])
def test_a_clock_further_off_than_is_allowed_for_is_wrong(off: float) -> None:
    found = one(check_clock(seconds(off), NO_TIME))
    assert found.is_problem
    assert "more than the tolerance of 60 seconds" in found.message


def test_what_the_way_to_the_database_may_explain_is_not_held_against_the_clock() -> None:
    assert told(check_clock(seconds(9), seconds(5))) == []
    assert not one(check_clock(seconds(62), seconds(5))).is_problem


@pytest.mark.each_database
@pytest.mark.parametrize("off", [0, 90, -90])
def test_the_clock_is_measured_against_the_databases(app: Flask, off: float) -> None:
    with app.app_context():
        ahead, uncertainty = clock_ahead(current_db(), lambda: datetime.now(UTC) + seconds(off))
    assert abs(ahead - seconds(off)) < seconds(1)
    assert NO_TIME <= uncertainty < seconds(1)


def test_half_the_way_to_the_database_and_back_is_taken_off(app: Flask) -> None:
    start = datetime.now(UTC)

    def slow(times: list[float]) -> Callable[[], datetime]:
        return lambda: start + seconds(times.pop(0))

    with app.app_context():  # asked at 0, 100 and 200; answered after 40, 10 and 20 seconds
        ahead, uncertainty = clock_ahead(current_db(), slow([0, 40, 100, 110, 200, 220]))
    assert uncertainty == seconds(5)
    assert abs(ahead - seconds(105)) < seconds(5)


def test_a_file_that_is_not_there_is_missing_and_a_server_is_asked(tmp_path: Path) -> None:
    file = make_url(f"sqlite:///{tmp_path}/daypass.sqlite3")
    assert is_missing(file)
    assert not one([missing(file)]).is_problem
    (tmp_path / "daypass.sqlite3").touch()
    assert not is_missing(file)
    assert not is_missing(URL)


def test_no_password_is_told_with_what_is_wrong() -> None:
    error = OperationalError("SELECT 1", {}, Exception("connection refused\n  is it running?\n"))
    findings = [unreachable(URL, error), outdated(URL)]
    assert all(one([finding]).is_problem for finding in findings)
    assert "connection refused is it running?." in findings[0].message
    assert not any("hazel" in finding.message for finding in findings)
