"""The lab's clock: the real time, or another one that the visitor sets; and the leeway of the verifier."""

import re
from datetime import UTC, datetime, timedelta

from daypass.errors import InvalidRequest
from daypass.lab.playground.errors import LabError

LEEWAYS = {"0": "None", "30": "30 seconds", "60": "One minute", "300": "Five minutes"}  # by seconds
TYPED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9990, 1, 1, tzinfo=UTC)  # with room for any zone and expiry


def as_typed(moment: datetime) -> str:
    """The time in UTC as the field shows it, to the second."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def read_offset(typed: str, now: datetime) -> int:
    """The seconds from now to the typed time in UTC; 0 for an empty field.

    Raises LabError unless it is a time from 1970 to 9989.
    """
    if not typed:
        return 0
    try:
        moment = datetime.fromisoformat(typed).replace(tzinfo=UTC) if TYPED.fullmatch(typed) else None
    except ValueError:
        moment = None
    if moment is None or not FIRST <= moment <= LAST:
        raise LabError("Enter a date and time in UTC, such as 2026-11-23 08:14:07.", "clock")
    return round((moment - now).total_seconds())


def shifted(now: datetime, offset: int) -> datetime:
    """The time that the clock shows. Raises InvalidRequest for an offset that `read_offset` would not return."""
    try:
        moment = now + timedelta(seconds=offset)
    except OverflowError:
        raise InvalidRequest("the clock of the lab is beyond the calendar") from None
    if not FIRST <= moment <= LAST + timedelta(days=365):
        raise InvalidRequest("the clock of the lab is beyond the calendar")
    return moment
