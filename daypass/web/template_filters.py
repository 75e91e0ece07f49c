"""How moments, durations, roles and passes are put into words and pictures: filters and globals for the templates."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask

from daypass.database.models import AuthSession
from daypass.web.rosette import Ring, rings
from daypass.web.settings import current_settings

UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}  # in seconds
LAST_HOUR = 3_600  # seconds


@dataclass(frozen=True)
class Left:
    """What is left of a pass. All in whole seconds: left, of how many, and how few of them are its last."""

    seconds: int
    total: int
    last: int

    @property
    def state(self) -> str:
        """`good`, `ending` (amber) or `ended` (grey and torn)."""
        if self.seconds <= 0:
            return "ended"
        return "ending" if self.seconds <= self.last else "good"


def init_app(app: Flask) -> None:
    """Give the templates their filters and globals; a line that holds a tag alone leaves no blank line in the page."""
    app.jinja_env.filters.update(
        iso=iso, utc=utc, clock=clock, day=day, date=date, roles=roles, duration=duration, pieces=pieces
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        rosette=rosette, pass_number=pass_number, time_left=time_left, session_left=session_left
    )


def rosette(seed: str) -> tuple[Ring, ...]:
    """The rings drawn from a text, such as a session's id, which they do not give away."""
    return rings(_digest(seed))


def pass_number(session_id: str) -> str:
    """A short number to tell passes apart by, such as `7f3a 91c4`, which does not give the session's id away."""
    digits = _digest(session_id).hex()
    return f"{digits[:4]} {digits[4:8]}"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def time_left(issued_at: datetime, expires_at: datetime, now: datetime) -> Left:
    """What is left of a pass; it is ending in its last hour, or in its last quarter if it is short."""
    total = int((expires_at - issued_at).total_seconds())
    seconds = int((expires_at - now).total_seconds())
    return Left(min(max(seconds, 0), total), total, min(LAST_HOUR, total // 4))


def session_left(session: AuthSession, now: datetime) -> Left:
    """What is left of a session; one that is renewed counts from its last renewal, as its newest token does."""
    since = session.created_at
    if session.expires_at < session.until_at:
        since = max(since, session.expires_at - timedelta(seconds=current_settings().idle_lifetime))
    return time_left(since, session.expires_at, now)


def pieces(seconds: int) -> list[tuple[int, str]]:
    """Seconds rounded down to at most two units, as `[(18, "h"), (12, "min")]`; zeros are left out."""
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    found = [(seconds, "s")]
    if days >= 2:
        found = [(days, "d"), (hours % 24, "h")]
    elif hours:
        found = [(hours, "h"), (minutes % 60, "min")]
    elif minutes:
        found = [(minutes, "min")]
    return [(count, unit) for count, unit in found if count]


def duration(seconds: int) -> str:
    """Seconds in words, in the largest unit that holds them evenly: `one day`, `12 hours`."""
    unit, size = next((unit, size) for unit, size in UNITS.items() if seconds % size == 0)
    count = seconds // size
    return f"one {unit}" if count == 1 else f"{count} {unit}s"


def roles(names: Sequence[str]) -> str:
    """Roles as a line of text: `Admin, editor`; `Member` where there is none."""
    text = ", ".join(names) or "member"
    return text[0].upper() + text[1:]


def iso(moment: datetime) -> str:
    """`2026-11-23T08:14:07Z`, for machines. Takes an aware datetime, as all of these do."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def utc(moment: datetime) -> str:
    """`2026-11-23 08:14:07 UTC`, the exact time for people."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S UTC}"


def clock(moment: datetime) -> str:
    """`08:14`, in UTC."""
    return f"{moment.astimezone(UTC):%H:%M}"


def day(moment: datetime, now: datetime) -> str:
    """`Mon 23 Nov` in UTC, with the year if it is not the year of `now`."""
    at = moment.astimezone(UTC)
    year = "" if at.year == now.astimezone(UTC).year else f" {at.year}"
    return f"{at:%a} {at.day} {at:%b}{year}"  # not %-d, which Windows lacks


def date(moment: datetime) -> str:
    """`23 Nov 2026`, in UTC."""
    at = moment.astimezone(UTC)
    return f"{at.day} {at:%b} {at.year}"
