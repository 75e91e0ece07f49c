"""Drop a signing key, and end the sessions that it leaves without a valid token."""

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

    keep: the id of a session that continues, because it gets a token signed with another key.
    """
    return lifecycle.end_live(db, "key_dropped", _depending_on(rotation.drop(db, kid), keep))


def count(db: Session, key: KeySummary, *, keep: str | None = None) -> int:
    """How many sessions `drop` would end."""
    return lifecycle.count_live(db, _depending_on(key, keep))


def _depending_on(key: KeySummary, keep: str | None) -> ColumnElement[bool]:
    which = (AuthSession.kind != TRIAL) & ((AuthSession.kid == key.kid) | _surely_signed_by(key))
    return which if keep is None else which & (AuthSession.id != keep)


def _surely_signed_by(key: KeySummary) -> ColumnElement[bool]:
    """Match sessions without a recorded `kid` whose tokens can only have been signed with this key.

    Their renewals are not recorded, but lie between start and last activity; API tokens are never renewed. Sessions
    that may have a token signed with another key do not match, because that token may be valid. If it is not, the
    session stays listed until it expires, but grants no access.
    """
    latest = case((AuthSession.kind == API_TOKEN, AuthSession.created_at), else_=AuthSession.last_seen_at)
    signed = AuthSession.kid.is_(None) & (AuthSession.created_at >= key.created_at + CLOCK_SKEW)
    return signed if key.retired_at is None else signed & (latest <= key.retired_at - CLOCK_SKEW)
