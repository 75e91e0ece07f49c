"""Findings about the database: its clock, and whether it can be reached."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from daypass.doctor.database import (
    allowed_connections,
    check_clock,
    check_connections,
    clock_ahead,
    is_missing,
    missing,
    outdated,
    unreachable,
)
from daypass.web.context import current_db
from tests.doctor.findings import only_finding

URL = make_url("postgresql+psycopg://daypass:hazel@db.example.org/nowhere")
NO_TIME = timedelta(0)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize("offset", [0, 4.9, -4.9])
def test_a_clock_that_agrees_is_not_mentioned(offset: float) -> None:
    assert list(check_clock(seconds(offset), NO_TIME)) == []


@pytest.mark.parametrize(("offset", "words"), [(30, "30 seconds ahead of"), (-59, "59 seconds behind")])
def test_a_clock_that_is_noticeably_off_is_worth_knowing(offset: float, words: str) -> None:
    found = only_finding(check_clock(seconds(offset), NO_TIME))
    assert not found.is_problem
    assert words in found.message


@pytest.mark.parametrize("offset", [61, -61, 3600])
def test_a_clock_that_is_off_by_more_than_the_tolerance_is_wrong(offset: float) -> None:
    found = only_finding(check_clock(seconds(offset), NO_TIME))
    assert found.is_problem
    assert "more than the tolerance of 60 seconds" in found.message


def test_a_difference_that_the_round_trip_may_explain_is_ignored() -> None:
    assert list(check_clock(seconds(9), seconds(5))) == []
    assert not only_finding(check_clock(seconds(62), seconds(5))).is_problem


@pytest.mark.each_database
@pytest.mark.parametrize("offset", [0, 90, -90])
def test_the_clock_is_measured_against_the_databases(app: Flask, offset: float) -> None:
    with app.app_context():
        ahead, uncertainty = clock_ahead(current_db(), lambda: datetime.now(UTC) + seconds(offset))
    assert abs(ahead - seconds(offset)) < seconds(1)
    assert NO_TIME <= uncertainty < seconds(1)


def test_half_of_the_fastest_round_trip_is_the_uncertainty(app: Flask) -> None:
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
    assert not only_finding([missing(file)]).is_problem
    (tmp_path / "daypass.sqlite3").touch()
    assert not is_missing(file)
    assert not is_missing(URL)


def test_no_password_is_in_a_finding() -> None:
    error = OperationalError("SELECT 1", {}, Exception("connection refused\n  is it running?\n"))
    findings = [unreachable(URL, error), outdated(URL)]
    assert all(only_finding([finding]).is_problem for finding in findings)
    assert "connection refused is it running?." in findings[0].message
    assert not any("hazel" in finding.message for finding in findings)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_allows_fewer_connections_than_this_node_may_open_is_a_problem(app: Flask) -> None:
    with app.app_context():
        allowed = allowed_connections(current_db())
    assert allowed == 100 - 3, "PostgreSQL's defaults"
    assert list(check_connections(allowed, 97)) == []
    found = only_finding(check_connections(allowed, 98))
    assert found.is_problem
    assert "allows 97 connections, and this node may open 98" in found.message
