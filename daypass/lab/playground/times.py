"""The times of a token on the lab's clock: when it begins and ends to be valid, with the leeway."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from daypass.lab.playground.descriptions import distance, moment_of

MEANINGS = {"iat": "issued", "nbf": "valid from", "exp": "expires"}


@dataclass(frozen=True)
class TokenTime:
    """One time claim. `boundary` is when it takes effect, with the leeway; `passed` is whether that is over."""

    name: str
    meaning: str
    moment: datetime
    boundary: datetime
    passed: bool
    words: str


def token_times(claims: Mapping[str, Any], now: datetime, leeway: int) -> tuple[TokenTime, ...]:
    """The times in the claims, in the order iat, nbf, exp. Values that are no times are left out."""
    found = ((name, moment_of(claims[name])) for name in MEANINGS if name in claims)
    return tuple(_time(name, moment, now, leeway) for name, moment in found if moment is not None)


def _time(name: str, moment: datetime, now: datetime, leeway: int) -> TokenTime:
    boundary = _shifted(moment, leeway if name == "exp" else -leeway)
    return TokenTime(name, MEANINGS[name], moment, boundary, boundary <= now, distance(moment, now))


def next_change(times: tuple[TokenTime, ...]) -> datetime | None:
    """When the next of these times comes, and with it perhaps another verdict; None if there is none."""
    return min((time.boundary for time in times if not time.passed), default=None)


def _shifted(moment: datetime, seconds: int) -> datetime:
    """The moment, so many seconds later; unchanged at the ends of the calendar."""
    try:
        return datetime.fromtimestamp(moment.timestamp() + seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return moment
