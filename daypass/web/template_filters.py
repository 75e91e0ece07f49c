"""Template filters and functions that format times, durations, roles and passes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask

from daypass.database.models import AuthSession
from daypass.sessions.lifecycle import ListedSession
from daypass.web import templates
from daypass.web.rosette import Ring, rings
from daypass.web.settings import current_settings
from daypass.web.template_functions import add_functions

UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}  # in seconds
LAST_HOUR = 3_600  # seconds
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class TimeLeft:
    """The time left of a pass, in whole seconds.

    total: its lifetime. last: at most so many seconds before its end, it expires soon.
    """

    seconds: int
    total: int
    last: int

    @property
    def state(self) -> str:
        """`active`, `ending` (amber) or `ended` (grey and torn)."""
        if self.seconds <= 0:
            return "ended"
        return "ending" if self.seconds <= self.last else "active"


def init_app(app: Flask) -> None:
    """Give Daypass's templates these filters and functions."""
    filters = (iso, utc, clock, day, date, roles, duration, duration_parts, short_duration)
    templates.init_app(app, {each.__name__: each for each in filters})
    add_functions(
        app, rosette=rosette, pass_number=pass_number, time_left=time_left, session_time_left=session_time_left
    )


def rosette(seed: str) -> tuple[Ring, ...]:
    """The rings of a rosette, drawn from a text.

    They do not reveal the text, which may be a session's id.
    """
    return rings(_digest(seed))


def pass_number(session_id: str) -> str:
    """A short number that identifies a pass, such as `7f3a 91c4`.

    It does not reveal the session's id.
    """
    digits = _digest(session_id).hex()
    return f"{digits[:4]} {digits[4:8]}"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def time_left(issued_at: datetime, expires_at: datetime, now: datetime) -> TimeLeft:
    """The time left of a pass.

    It is ending in its last hour, or in its last quarter if that is shorter.
    """
    total = int((expires_at - issued_at).total_seconds())
    seconds = int((expires_at - now).total_seconds())
    return TimeLeft(min(max(seconds, 0), total), total, min(LAST_HOUR, total // 4))


def session_time_left(session: AuthSession | ListedSession, now: datetime) -> TimeLeft:
    """The time left of a session, of the lifetime of its newest token."""
    since = session.created_at
    if session.expires_at < session.until_at:
        since = max(since, session.expires_at - timedelta(seconds=current_settings().idle_lifetime))
    return time_left(since, session.expires_at, now)


def duration_parts(seconds: int) -> list[tuple[int, str]]:
    """Split seconds into at most two units: `[(18, "h"), (12, "min")]`.

    They are rounded down, without zeros.
    """
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    parts = [(seconds, "s")]
    if days >= 2:
        parts = [(days, "d"), (hours % 24, "h")]
    elif hours:
        parts = [(hours, "h"), (minutes % 60, "min")]
    elif minutes:
        parts = [(minutes, "min")]
    return [(count, unit) for count, unit in parts if count]


def short_duration(seconds: int) -> str:
    """Seconds in at most two units, as text: `18 h 12 min`."""
    return " ".join(f"{count} {unit}" for count, unit in duration_parts(seconds))


def duration(seconds: int) -> str:
    """Seconds in words, such as `one day` or `12 hours`.

    The unit is the largest one that divides them evenly.
    """
    unit, size = next((unit, size) for unit, size in UNITS.items() if seconds % size == 0)
    count = seconds // size
    return f"one {unit}" if count == 1 else f"{count} {unit}s"


def roles(names: Sequence[str]) -> str:
    """Roles as text: `Admin, editor`, or `Member` if there are none."""
    text = ", ".join(names) or "member"
    return text[0].upper() + text[1:]


def iso(moment: datetime) -> str:
    """`2026-11-23T08:14:07Z`, for machines.

    Like all filters here, it needs an aware datetime.
    """
    return f"{_seconds(moment)}Z"


def utc(moment: datetime) -> str:
    """`2026-11-23 08:14:07 UTC`, for people."""
    return f"{_seconds(moment, ' ')} UTC"


def clock(moment: datetime) -> str:
    """`08:14`, in UTC."""
    return _seconds(moment)[11:16]


def day(moment: datetime, now: datetime) -> str:
    """`Mon 23 Nov` in UTC, with the year if that differs from the year of `now`."""
    at = moment.astimezone(UTC)
    year = "" if at.year == now.astimezone(UTC).year else f" {at.year}"
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}{year}"


def date(moment: datetime) -> str:
    """`23 Nov 2026`, in UTC."""
    at = moment.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def _seconds(moment: datetime, separator: str = "T") -> str:
    """`2026-11-23T08:14:07`, in UTC."""
    return moment.astimezone(UTC).isoformat(separator, "seconds")[:19]
