"""The database: is it there, is it this version's, and does its clock agree with this machine's?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from daypass.database.models import database_now
from daypass.doctor.finding import Finding, Findings
from daypass.keys.ring import CLOCK_SKEW

NOTICEABLE = timedelta(seconds=5)


def is_missing(database: URL) -> bool:
    """Whether it is a file that is not there: to look into it would make it."""
    return database.get_backend_name() == "sqlite" and not Path(database.database or "").exists()


def missing(database: URL) -> Finding:
    """What is said where no database was made yet."""
    return Finding(
        f"There is no database yet at {database.database}.",
        "Start Daypass, which makes it and prints the link for the first account.",
        wrong=False,
    )


def unreachable(database: URL, error: SQLAlchemyError) -> Finding:
    """What is said where it cannot be asked."""
    why = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
    return Finding(
        f"The database {database.render_as_string(hide_password=True)} cannot be asked: {why}.",
        "See that it runs and that DAYPASS_DATABASE_URL names it; until then nobody can sign in.",
    )


def outdated(database: URL) -> Finding:
    """What is said where its tables are those of another version."""
    return Finding(
        f"The database {database.render_as_string(hide_password=True)} has not the tables of this version.",
        "Start Daypass, which brings an older database up to date; for a newer one install the newer Daypass.",
    )


def clock_ahead(db: Session, clock: Callable[[], datetime]) -> tuple[timedelta, timedelta]:
    """How far this machine's clock is ahead of the database's, and by how much that may be wrong: half the way there.

    Asked three times, of which the quickest counts: the first pays for the connection.
    """
    return min((_asked(db, clock) for _ in range(3)), key=lambda measured: measured[1])


def _asked(db: Session, clock: Callable[[], datetime]) -> tuple[timedelta, timedelta]:
    before = clock()
    there = db.scalars(select(database_now())).one().astimezone(UTC)
    after = clock()
    half = abs(after - before) / 2
    return before + half - there, half


def check_clock(ahead: timedelta, uncertainty: timedelta) -> Findings:
    """A clock that is off: tokens are then not valid yet, or end too early, and sessions are ended at odd times."""
    off = abs(ahead) - uncertainty
    if off <= NOTICEABLE:
        return
    way = "ahead of" if ahead > timedelta(0) else "behind"
    seconds = round(abs(ahead).total_seconds())
    too_far = f", more than the {round(CLOCK_SKEW.total_seconds())} that are allowed for" if off > CLOCK_SKEW else ""
    yield Finding(
        f"This machine's clock is {seconds} seconds {way} the database's{too_far}.",
        "Keep the clocks of all machines right by NTP, for instance with systemd-timesyncd or chrony.",
        wrong=off > CLOCK_SKEW,
    )
