"""The sessions that a transaction ends, noted for this process's revocations."""

from datetime import timedelta
from typing import NamedTuple

ENDED = "daypass_ended_sessions"  # key of `Session.info`: a list of EndedSession


class EndedSession(NamedTuple):
    """An ended session, and the maximum lifetime of its tokens."""

    session_id: str
    max_lifetime: timedelta
