"""End dates: an account can be used until the end of a day, in UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta

from daypass.accounts.errors import InvalidEndDate, PastEndDate

ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ONE_DAY = timedelta(days=1)


def parse(text: str) -> date:
    """A day such as 2026-12-31 (ISO 8601). Raises InvalidEndDate."""
    if not ISO_DAY.fullmatch(text):
        raise InvalidEndDate("no date")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidEndDate("no such day") from None


def parse_future(text: str) -> date:
    """A day that is not over yet, in UTC. Raises InvalidEndDate or PastEndDate."""
    day = parse(text)
    if day < datetime.now(UTC).date():
        raise PastEndDate("the day is over")
    return day


def end_of(day: date) -> datetime:
    """The first moment after this day. Raises InvalidEndDate for the last day of the calendar, 9999-12-31."""
    try:
        return datetime.combine(day + ONE_DAY, time(0), UTC)
    except OverflowError:
        raise InvalidEndDate("the last day of the calendar") from None


def last_day(ends_at: datetime) -> date:
    """The last day on which an account can be used."""
    return (ends_at.astimezone(UTC) - ONE_DAY).date()
