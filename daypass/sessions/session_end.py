"""When and why a session was ended."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from daypass.database.models import AuthSession


class SessionEnd(NamedTuple):
    """The end of a session, and its `end_reason`."""

    ended_at: datetime
    reason: str


def find_end(db: Connection, session_id: str) -> SessionEnd | None:
    """The end of a session; None if it was not ended, or is not known."""
    columns = AuthSession.ended_at, AuthSession.end_reason
    row = db.execute(select(*columns).where(AuthSession.id == session_id, AuthSession.ended_at.is_not(None))).first()
    return None if row is None else SessionEnd(row.ended_at, row.end_reason)
