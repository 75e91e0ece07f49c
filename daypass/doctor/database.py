"""Check the database: that it exists, its tables are current, its clock is right and it allows enough connections."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from daypass.database.models import database_now
from daypass.doctor.finding import Finding, Findings
from daypass.keys.ring import CLOCK_SKEW

NOTICEABLE = timedelta(seconds=5)


def is_missing(database: URL) -> bool:
    """Whether the SQLite file does not exist yet. Opening it would create it."""
    return database.get_backend_name() == "sqlite" and not Path(database.database or "").exists()


def missing(database: URL) -> Finding:
    """The finding for a database that has not been created yet."""
    return Finding(
        f"There is no database yet at {database.database}.",
        "Start Daypass, which creates it and prints a link for creating the first account.",
        is_problem=False,
    )


def unreachable(database: URL, error: SQLAlchemyError) -> Finding:
    """The finding for a database that does not answer."""
    reason = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
    return Finding(
        f"The database {database.render_as_string(hide_password=True)} cannot be used: {reason}.",
        "Make sure that it runs and that DAYPASS_DATABASE_URL is correct. Until then nobody can sign in.",
    )


def outdated(database: URL) -> Finding:
    """The finding for a database whose tables belong to another version."""
    return Finding(
        f"The database {database.render_as_string(hide_password=True)} does not have the tables of this version.",
        "Start Daypass to upgrade an older database. If the database is newer, install the newer Daypass.",
    )


def clock_ahead(db: Session, clock: Callable[[], datetime]) -> tuple[timedelta, timedelta]:
    """How far this machine's clock is ahead of the database's, and the uncertainty: half of the round trip.

    Takes the quickest of three measurements, since the first one includes connecting.
    """
    return min((_measure(db, clock) for _ in range(3)), key=lambda measured: measured[1])


def _measure(db: Session, clock: Callable[[], datetime]) -> tuple[timedelta, timedelta]:
    before = clock()
    database_time = db.scalars(select(database_now())).one().astimezone(UTC)
    after = clock()
    half = abs(after - before) / 2
    return before + half - database_time, half


def check_clock(ahead: timedelta, uncertainty: timedelta) -> Findings:
    """Check the clock. If it is off, tokens are not valid yet or expire too early, and sessions end at wrong times."""
    off = abs(ahead) - uncertainty
    if off <= NOTICEABLE:
        return
    direction = "ahead of" if ahead > timedelta(0) else "behind"
    seconds = round(abs(ahead).total_seconds())
    too_far = f", more than the tolerance of {round(CLOCK_SKEW.total_seconds())} seconds" if off > CLOCK_SKEW else ""
    yield Finding(
        f"This machine's clock is {seconds} seconds {direction} the database's{too_far}.",
        "Synchronize the clocks of all machines with NTP, for example with systemd-timesyncd or chrony.",
        is_problem=off > CLOCK_SKEW,
    )


def allowed_connections(db: Session) -> int:
    """How many connections PostgreSQL allows, to all programs together, besides those reserved for superusers."""
    setting = "current_setting('{}')::int"
    names = ("max_connections", "superuser_reserved_connections")
    allowed: int = db.scalars(text(f"SELECT {' - '.join(setting.format(name) for name in names)}")).one()
    return allowed


def check_connections(allowed: int, budget: int) -> Findings:
    """Check that PostgreSQL allows as many connections as this node may open."""
    if allowed < budget:
        yield Finding(
            f"PostgreSQL allows {allowed} connections, and this node may open {budget}.",
            "Raise max_connections in postgresql.conf, or lower DAYPASS_DATABASE_CONNECTIONS. All nodes together, and "
            "every other program that uses the server, must fit.",
        )
