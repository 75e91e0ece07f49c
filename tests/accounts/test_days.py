"""The last day of an account, as text and as a moment."""

from datetime import UTC, datetime

import pytest

from daypass.accounts import end_dates
from daypass.accounts.errors import InvalidEndDate, PastEndDate


def test_a_day_ends_at_midnight_utc_and_is_the_last_one() -> None:
    day = end_dates.parse("2026-12-31")
    assert end_dates.end_of(day) == datetime(2027, 1, 1, tzinfo=UTC)
    assert end_dates.last_day(end_dates.end_of(day)) == day


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "31.12.2026", "20261231", "2026-W01-1", "٢٠٢٦-12-31"])
def test_text_that_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidEndDate):
        end_dates.parse(text)


def test_a_day_is_over_at_midnight_utc() -> None:
    today = datetime.now(UTC).date()
    assert end_dates.parse_future(str(today + end_dates.ONE_DAY)) > today
    with pytest.raises(PastEndDate):
        end_dates.parse_future(str(today - end_dates.ONE_DAY))


def test_the_last_day_of_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidEndDate):
        end_dates.end_of(end_dates.parse("9999-12-31"))
