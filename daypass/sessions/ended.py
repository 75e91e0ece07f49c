"""The sessions that a transaction has ended, for the process's own replica."""

from datetime import timedelta
from typing import NamedTuple

ENDED = "daypass_ended_sessions"  # key of `Session.info`: a list of EndedSession


class EndedSession(NamedTuple):
    """A session that was ended, and the longest that a token of it can be valid."""

    session_id: str
    max_lifetime: timedelta
