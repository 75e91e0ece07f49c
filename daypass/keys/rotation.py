"""What changes the key ring: rotate, drop, forget, encrypt anew. Each function works inside the caller's transaction.

Every process sees it at its next request (`mirror`), so a new key signs at once and a dropped one verifies nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, delete, exists, select, update
from sqlalchemy.orm import Session

from daypass.database.models import AuthSession, StoredKey, database_now
from daypass.database.transactions import advisory_lock
from daypass.keys import encryption
from daypass.keys.errors import NoSuchKey
from daypass.keys.ring import CLOCK_SKEW
from daypass.keys.signing_key import SigningKey

# the one that signs, then the retired ones, the newest first
RING_ORDER = StoredKey.retired_at.is_not(None), StoredKey.created_at.desc(), StoredKey.kid


@dataclass(frozen=True)
class KeySummary:
    """A key as the list of keys shows it."""

    kid: str
    algorithm: str
    created_at: datetime
    retired_at: datetime | None

    @property
    def signs(self) -> bool:
        """Whether new tokens are signed with it; those that no longer do still verify."""
        return self.retired_at is None


def list_keys(db: Session) -> list[KeySummary]:
    """Every key, the one that signs first."""
    columns = StoredKey.kid, StoredKey.algorithm, StoredKey.created_at, StoredKey.retired_at
    return [KeySummary(*row) for row in db.execute(select(*columns).order_by(*RING_ORDER))]


def signing_key_id() -> ScalarSelect[str]:
    """The id of the key that signs, as an SQL expression: the database reads it when the statement runs."""
    return select(StoredKey.kid).where(StoredKey.retired_at.is_(None)).order_by(*RING_ORDER).limit(1).scalar_subquery()


def check_readable(db: Session, secret_keys: Sequence[str]) -> None:
    """Raise UnreadableKey if these secret keys do not decrypt every key."""
    for row in db.scalars(select(StoredKey).order_by(*RING_ORDER)):
        encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *secret_keys)


def has_signing_key(db: Session) -> bool:
    """Whether there is a key that signs; no other transaction makes one until this one ends."""
    advisory_lock(db)
    return bool(db.scalar(select(exists().where(StoredKey.retired_at.is_(None)))))


def rotate(db: Session, key: SigningKey, secret_key: str) -> None:
    """Sign with this key from now on; the one that signed until now is retired, and verifies until its tokens end."""
    advisory_lock(db)
    db.execute(update(StoredKey).where(StoredKey.retired_at.is_(None)).values(retired_at=database_now()))
    db.add(StoredKey(kid=key.kid, algorithm=key.algorithm.value, sealed=encryption.encrypt_private(key, secret_key)))


def is_due(db: Session, age: timedelta) -> bool:
    """Whether the key that signs has done so for that long; no other transaction rotates until this one ends."""
    advisory_lock(db)
    made_at = db.scalar(select(StoredKey.created_at).where(StoredKey.retired_at.is_(None)))
    return made_at is not None and db.scalars(select(database_now())).one() - made_at >= age


def drop(db: Session, kid: str) -> KeySummary:
    """Refuse every token that this key has signed, from now on and for good. Raises NoSuchKey.

    Its sessions stay in the lists of live ones: `sessions.dropped_keys` ends them as well.
    """
    columns = StoredKey.kid, StoredKey.algorithm, StoredKey.created_at, StoredKey.retired_at
    dropped = db.execute(delete(StoredKey).where(StoredKey.kid == kid).returning(*columns)).first()
    if dropped is None:
        raise NoSuchKey("no such key")
    return KeySummary(*dropped)


def delete_unused(db: Session, max_link_lifetime: timedelta) -> int:
    """Delete the retired keys that no valid token can be signed with; returns how many.

    A session that started before its key was retired may hold a token of that key until the session expires.
    max_link_lifetime: of tokens that belong to no session.
    """
    now = db.scalars(select(database_now())).one()
    retired = db.scalars(select(StoredKey).where(StoredKey.retired_at < now - max_link_lifetime - CLOCK_SKEW))
    spent = [key for key in retired if not _may_be_in_use(db, key, now)]
    for key in spent:
        db.delete(key)
    return len(spent)


def _may_be_in_use(db: Session, key: StoredKey, now: datetime) -> bool:
    live = select(AuthSession.id).where(AuthSession.ended_at.is_(None), AuthSession.expires_at > now - CLOCK_SKEW)
    held = live if key.retired_at is None else live.where(AuthSession.created_at <= key.retired_at + CLOCK_SKEW)
    return db.scalars(held.limit(1)).first() is not None


def reencrypt(db: Session, secret_keys: Sequence[str]) -> int:
    """Encrypt all private parts under the first SECRET_KEY, whichever of them they are under now; returns how many.

    Raises UnreadableKey where none of them opens one.
    """
    rows = db.scalars(select(StoredKey)).all()
    for row in rows:
        opened = encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *secret_keys)
        row.sealed = encryption.encrypt_private(opened, secret_keys[0])
    return len(rows)
