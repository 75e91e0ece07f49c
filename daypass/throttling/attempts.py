"""Limits on attempts, counted in the database, so that they hold across processes, nodes and restarts.

A limit is a token bucket: `rate.count` attempts at once, then one more every `rate.interval_ms`. All that is stored of
it is the time at which the whole allowance is available again (generic cell rate algorithm, ITU-T I.371).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, case, delete, func, literal, select, update
from sqlalchemy.orm import Session

from daypass.database.models import DATABASE_TIME, Throttle
from daypass.throttling.errors import TooManyAttempts
from daypass.throttling.rate import Rate

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.sql.dml import ReturningInsert

MAX_ROWS = 100_000
BATCH = 1000  # rows
KINDS = ("account", "address", "device", "lab", "mail", "session", "sign-up")  # of limits
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Statements are built once, which takes longer than running them.
OF_LIMIT = Throttle.key == bindparam("limit_key")
STATE = DATABASE_TIME.add_columns(select(Throttle.full_at).where(OF_LIMIT).scalar_subquery())
GIVE_BACK = update(Throttle).where(OF_LIMIT).values(full_at=Throttle.full_at - bindparam("interval"))


@dataclass(frozen=True)
class Limit:
    """A limit on attempts of one kind by one owner, such as an address. Without a rate, there is no limit.

    kind: what is limited, for the log. kind and owner have at most 96 characters together.
    unbounded: whether strangers can cause limits for any number of owners. Beyond MAX_ROWS, those are not counted.
    """

    kind: str
    owner: str
    rate: Rate | None
    unbounded: bool = False

    @property
    def key(self) -> str:
        """The key of its row."""
        return f"{self.kind}:{self.owner}"


def wait(db: Session, limit: Limit) -> int:
    """The seconds to wait for the next attempt; 0 if one is left. Takes nothing."""
    if limit.rate is None:
        return 0
    now, full_at = _state(db, limit)
    if full_at is None:
        return 0
    milliseconds = full_at + limit.rate.interval_ms - limit.rate.period_ms - now
    return max(0, -(-milliseconds // 1000))


def check(db: Session, limit: Limit) -> None:
    """Raise TooManyAttempts if no attempt is left. Takes nothing, so that a flood causes no writes."""
    if seconds := wait(db, limit):
        raise TooManyAttempts(limit.kind, seconds)


def take(db: Session, limit: Limit) -> bool:
    """Take one attempt, inside the caller's write transaction. Returns False if none is left."""
    if limit.rate is None:
        return True
    now, full_at = _state(db, limit)
    if limit.unbounded and full_at is None and _is_full(db):
        return True
    values = {"limit_key": limit.key, "now": now, "interval": limit.rate.interval_ms, "period": limit.rate.period_ms}
    return db.scalar(_taking(db.get_bind().dialect.name), values) is not None


def require(db: Session, limit: Limit) -> None:
    """Take one attempt, inside the caller's write transaction. Raises TooManyAttempts if none is left."""
    if not take(db, limit):
        raise TooManyAttempts(limit.kind, max(1, wait(db, limit)))


def give_back(db: Session, limits: Iterable[Limit]) -> None:
    """Return attempts that turned out to be legitimate, inside the caller's write transaction."""
    for limit in limits:
        if limit.rate is not None:
            db.execute(GIVE_BACK, {"limit_key": limit.key, "interval": limit.rate.interval_ms})


def prune(db: Session) -> int:
    """Delete one batch of limits that are unused by now; returns how many, 0 if none is left."""
    unused = select(Throttle.key).where(Throttle.full_at <= _now_ms(db)).limit(BATCH)
    return len(db.scalars(delete(Throttle).where(Throttle.key.in_(unused)).returning(Throttle.key)).all())


def count_rows(db: Session) -> int:
    """How many limits are in use, of at most MAX_ROWS for strangers."""
    return db.scalar(select(func.count()).select_from(Throttle)) or 0


def _state(db: Session, limit: Limit) -> tuple[int, int | None]:
    """The time now, and when the whole allowance is available again, both in milliseconds; None if it is unused."""
    now, full_at = db.execute(STATE, {"limit_key": limit.key}).one()
    return _milliseconds(now), full_at


def _is_full(db: Session) -> bool:
    """Whether the table has MAX_ROWS rows, even after those of unused limits are deleted."""
    return _has_row(db, MAX_ROWS) and not prune(db)


def _has_row(db: Session, number: int) -> bool:
    return db.scalar(select(literal(1)).select_from(Throttle).offset(number - 1).limit(1)) is not None


@lru_cache(2)  # dialects
def _taking(dialect: str) -> "ReturningInsert[tuple[int]]":
    """Takes one attempt, and returns nothing if none is left."""
    now, interval, period = (bindparam(name, type_=BigInteger) for name in ("now", "interval", "period"))
    full_at = case((Throttle.full_at > now, Throttle.full_at), else_=now) + interval
    insert = _insert(dialect).values(key=bindparam("limit_key"), full_at=now + interval)
    taken = insert.on_conflict_do_update(
        index_elements=[Throttle.key], set_={"full_at": full_at}, where=full_at <= now + period
    )
    return taken.returning(Throttle.full_at)


def _insert(dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT in this dialect, the only one that is imported."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(Throttle)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(Throttle)


def _now_ms(db: Session) -> int:
    """Milliseconds since 1970 by the database's clock, which all nodes share."""
    return _milliseconds(db.scalars(DATABASE_TIME).one())


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)
