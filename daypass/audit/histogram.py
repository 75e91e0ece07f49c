"""Numbers of sign-ins and refusals per hour and per day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

from daypass.audit.events import Event
from daypass.database.event_models import EventRow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOUR_FORM = "%Y-%m-%d %H"


class hour_of(FunctionElement[str]):
    """SQL expression for the hour of a time in UTC, as text: `2026-11-23 08`."""

    type = String()
    inherit_cache = True


@compiles(hour_of, "sqlite")
def _sqlite_hour(element: hour_of, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 13)"


@compiles(hour_of, "postgresql")
def _postgresql_hour(element: hour_of, compiler: Any, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


@dataclass(frozen=True)
class Numbers:
    """How often something happened in the time that begins at `start`."""

    start: datetime
    sign_ins: int
    refusals: int

    @property
    def is_zero(self) -> bool:
        """Whether nothing happened."""
        return not self.sign_ins and not self.refusals


def histogram(db: Session, now: datetime, *, hours: int, days: int) -> tuple[list[Numbers], list[Numbers]]:
    """The numbers of each of the last hours, and of each of the last days, up to now, in UTC."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    since = min(hour - (hours - 1) * HOUR, day - (days - 1) * DAY)
    by_hour = _count_by_hour(db, since)
    by_day: dict[datetime, tuple[int, int]] = {}
    for at, (sign_ins, refusals) in by_hour.items():
        before = by_day.get(at.replace(hour=0), (0, 0))
        by_day[at.replace(hour=0)] = before[0] + sign_ins, before[1] + refusals
    return _series(by_hour, hour, HOUR, hours), _series(by_day, day, DAY, days)


def _count_by_hour(db: Session, since: datetime) -> dict[datetime, tuple[int, int]]:
    hour: ColumnElement[str] = hour_of(EventRow.at)
    is_sign_in = (EventRow.event == Event.SIGN_IN.value) & (EventRow.outcome == "success")
    sign_ins = func.sum(case((is_sign_in, EventRow.count), else_=0))
    refusals = func.sum(case((EventRow.outcome == "failure", EventRow.count), else_=0))
    rows = db.execute(select(hour, sign_ins, refusals).where(EventRow.at >= since).group_by(hour))
    return {
        datetime.strptime(text, HOUR_FORM).replace(tzinfo=UTC): (int(first), int(second))
        for text, first, second in rows
    }


def _series(counts: Mapping[datetime, tuple[int, int]], last: datetime, step: timedelta, length: int) -> list[Numbers]:
    starts = [last - index * step for index in reversed(range(length))]
    return [Numbers(start, *counts.get(start, (0, 0))) for start in starts]
