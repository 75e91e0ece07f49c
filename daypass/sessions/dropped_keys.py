"""Dropping a signing key: what it signed is refused, and the sessions that it leaves without a valid token end."""

from sqlalchemy import ColumnElement, case
from sqlalchemy.orm import Session

from daypass.database.models import AuthSession
from daypass.keys import rotation
from daypass.keys.ring import CLOCK_SKEW
from daypass.keys.rotation import KeySummary
from daypass.sessions import lifecycle
from daypass.sessions.kinds import API_TOKEN, TRIAL


def drop(db: Session, kid: str, *, keep: str | None = None) -> int:
    """Drop a key and end the live sessions whose latest token it signed; returns how many. Raises NoSuchKey.

    keep: the id of a session that goes on, since its holder is given a token of another key.
    """
    key = rotation.drop(db, kid)
    which = (AuthSession.kind != TRIAL) & ((AuthSession.kid == kid) | _surely_signed_by(key))
    return lifecycle.end_live(db, "key_dropped", which if keep is None else which & (AuthSession.id != keep))


def _surely_signed_by(key: KeySummary) -> ColumnElement[bool]:
    """Sessions from before the column `kid` that can have had no token of another key.

    When they were renewed is not stored, only that it was between their start and their last activity; an API token is
    never renewed. One that may have a token of another key is left alone: that token would be valid, and if it is not,
    the session is listed until it expires and opens nothing.
    """
    latest = case((AuthSession.kind == API_TOKEN, AuthSession.created_at), else_=AuthSession.last_seen_at)
    signed = AuthSession.kid.is_(None) & (AuthSession.created_at >= key.created_at + CLOCK_SKEW)
    return signed if key.retired_at is None else signed & (latest <= key.retired_at - CLOCK_SKEW)
