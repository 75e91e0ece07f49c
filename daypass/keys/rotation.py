"""Changes of the key ring: rotate, drop, delete, re-encrypt.

Each function works inside the caller's transaction. Every process reads the change from its replica, so that a new
key signs at once, and tokens of a dropped key are rejected at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from daypass.database.change_detector import mark_changed
from daypass.database.models import AuthSession, StoredKey, database_now
from daypass.database.transactions import advisory_lock
from daypass.keys import encryption
from daypass.keys.errors import NoSuchKey
from daypass.keys.ring import CLOCK_SKEW
from daypass.keys.signing_key import SigningKey

# the signing key, then the retired keys, newest first
RING_ORDER = StoredKey.retired_at.is_not(None), StoredKey.created_at.desc(), StoredKey.kid
# the id of the signing key, as an SQL expression that the database evaluates when the statement runs
SIGNING_KEY_ID = (
    select(StoredKey.kid).where(StoredKey.retired_at.is_(None)).order_by(*RING_ORDER).limit(1).scalar_subquery()
)


@dataclass(frozen=True)
class KeySummary:
    """A key as the list of keys shows it."""

    kid: str
    algorithm: str
    created_at: datetime
    retired_at: datetime | None

    @property
    def signs(self) -> bool:
        """Whether it signs new tokens; a retired key only verifies."""
        return self.retired_at is None


def list_keys(db: Session) -> list[KeySummary]:
    """List all keys, the signing key first."""
    columns = StoredKey.kid, StoredKey.algorithm, StoredKey.created_at, StoredKey.retired_at
    return [KeySummary(*row) for row in db.execute(select(*columns).order_by(*RING_ORDER))]


def find_key(db: Session, kid: str) -> KeySummary:
    """The key with this id. Raises NoSuchKey."""
    found = next((key for key in list_keys(db) if key.kid == kid), None)
    if found is None:
        raise NoSuchKey("no such key")
    return found


def check_readable(db: Session, secret_keys: Sequence[str]) -> None:
    """Raise UnreadableKey if one of the keys cannot be decrypted with these secret keys."""
    for row in db.scalars(select(StoredKey).order_by(*RING_ORDER)):
        encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *secret_keys)


def has_signing_key(db: Session) -> bool:
    """Whether there is a signing key. No other transaction can create one until this one ends."""
    advisory_lock(db)
    return bool(db.scalar(select(exists().where(StoredKey.retired_at.is_(None)))))


def rotate(db: Session, key: SigningKey, secret_key: str) -> None:
    """Make this the signing key. The previous one is retired: it still verifies the tokens that it signed."""
    advisory_lock(db)
    mark_changed(db)
    db.execute(update(StoredKey).where(StoredKey.retired_at.is_(None)).values(retired_at=database_now()))
    db.add(StoredKey(kid=key.kid, algorithm=key.algorithm.value, sealed=encryption.encrypt_private(key, secret_key)))


def is_due(db: Session, age: timedelta) -> bool:
    """Whether the signing key has reached this age. No other transaction can rotate keys until this one ends."""
    advisory_lock(db)
    created_at = db.scalar(select(StoredKey.created_at).where(StoredKey.retired_at.is_(None)))
    return created_at is not None and db.scalars(select(database_now())).one() - created_at >= age


def drop(db: Session, kid: str) -> KeySummary:
    """Delete a key, so that every token that it signed is rejected. Raises NoSuchKey.

    This does not end the sessions of those tokens; `sessions.dropped_keys.drop` does both.
    """
    columns = StoredKey.kid, StoredKey.algorithm, StoredKey.created_at, StoredKey.retired_at
    dropped = db.execute(delete(StoredKey).where(StoredKey.kid == kid).returning(*columns)).first()
    if dropped is None:
        raise NoSuchKey("no such key")
    mark_changed(db)
    return KeySummary(*dropped)


def delete_unused(db: Session, max_link_lifetime: timedelta) -> int:
    """Delete the retired keys that cannot have signed a token that is still valid; returns how many.

    A session that started before a key was retired may have a token of that key until the session expires.
    max_link_lifetime: the longest lifetime of tokens without a session, such as set-up links.
    """
    now = db.scalars(select(database_now())).one()
    retired = db.scalars(select(StoredKey).where(StoredKey.retired_at < now - max_link_lifetime - CLOCK_SKEW))
    unused = [key for key in retired if not _may_be_in_use(db, key, now)]
    for key in unused:
        db.delete(key)
        mark_changed(db)
    return len(unused)


def _may_be_in_use(db: Session, key: StoredKey, now: datetime) -> bool:
    live = select(AuthSession.id).where(AuthSession.ended_at.is_(None), AuthSession.expires_at > now - CLOCK_SKEW)
    held = live if key.retired_at is None else live.where(AuthSession.created_at <= key.retired_at + CLOCK_SKEW)
    return db.scalars(held.limit(1)).first() is not None


def reencrypt(db: Session, secret_keys: Sequence[str]) -> int:
    """Re-encrypt all private parts under the first of these secret keys; returns how many there are.

    Raises UnreadableKey if a key cannot be decrypted with any of them.
    """
    rows = db.scalars(select(StoredKey)).all()
    for row in rows:
        key = encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *secret_keys)
        row.sealed = encryption.encrypt_private(key, secret_keys[0])
    return len(rows)
