"""The key ring of the database, kept in memory. Creates a signing key if there is none."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeGuard

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.change_detector import mark_changed
from daypass.database.models import StoredKey
from daypass.database.replica import Replica
from daypass.database.transactions import write_transaction
from daypass.errors import ServiceUnavailable
from daypass.keys.algorithms import Algorithm
from daypass.keys.encryption import decrypt_key
from daypass.keys.errors import UnreadableKey
from daypass.keys.ring import KeyRing
from daypass.keys.rotation import RING_ORDER, has_signing_key, rotate
from daypass.keys.signing_key import SigningKey, generate

log = logging.getLogger("daypass")

RING = select(StoredKey.kid, StoredKey.created_at, StoredKey.retired_at).order_by(*RING_ORDER)

KeyId = tuple[str, datetime]  # with the time of creation, because an id can be reused for another key


class KeyStore:
    """The key ring of the database. Loaded at first use, so that an app can be created before its database exists.

    secret_keys: SECRET_KEY, then its fallbacks. algorithm: for a signing key that has to be created.
    """

    def __init__(
        self,
        replica: Replica,
        session_factory: sessionmaker[Session],
        secret_keys: Sequence[str],
        algorithm: Algorithm,
    ) -> None:
        self._replica = replica
        self._session_factory = session_factory
        self._secret_keys = secret_keys
        self._algorithm = algorithm
        self._rows: list[tuple[str, datetime, datetime | None]] = []
        self._decrypted: dict[KeyId, SigningKey | UnreadableKey] = {}
        self._ring: KeyRing | None = None
        self._lock = threading.Lock()
        replica.add(self)

    @property
    def ring(self) -> KeyRing:
        """The key ring as of the last refresh of the replica. Raises ServiceUnavailable."""
        return self._ring or self._ring_with_new_key()

    def ages(self, now: datetime) -> list[float]:
        """Seconds since each key was created, that of the signing key first, as of the last refresh."""
        return [(now - created_at).total_seconds() for _, created_at, _ in list(self._rows)]

    def current(self) -> KeyRing:
        """The key ring as it is in the database now. Raises ServiceUnavailable."""
        self._replica.refresh(self)
        return self.ring

    def read(self, db: Session) -> None:
        """Load the ring if it has changed. Only new keys are decrypted, because decryption is slow.

        A key that cannot be decrypted is left out and logged; tokens of the other keys stay valid.
        """
        rows = [(kid, created_at, retired_at) for kid, created_at, retired_at in db.execute(RING)]
        if rows == self._rows:
            return
        stored = {(row.kid, row.created_at): row for row in db.scalars(select(StoredKey).order_by(*RING_ORDER))}
        self._decrypted = {key_id: self._decrypted.get(key_id) or self._decrypt(row) for key_id, row in stored.items()}
        self._ring = self._new_ring(stored)
        self._rows = rows

    def _new_ring(self, stored: Mapping[KeyId, StoredKey]) -> KeyRing | None:
        """Build the ring; None if there is no signing key, readable or not."""
        if all(row.retired_at is not None for row in stored.values()):
            return None
        found = {key_id: self._decrypted[key_id] for key_id in stored}
        return KeyRing(
            [replace(key, retired_at=stored[key_id].retired_at) for key_id, key in found.items() if is_readable(key)],
            unreadable=[kid for (kid, _), key in found.items() if not is_readable(key)],
        )

    def _decrypt(self, row: StoredKey) -> SigningKey | UnreadableKey:
        try:
            return decrypt_key(row.kid, row.algorithm, row.sealed, *self._secret_keys)
        except UnreadableKey as error:
            log.error("signing key %s was skipped: %s", row.kid, error)
            return error

    def _ring_with_new_key(self) -> KeyRing:
        """Create a signing key in one thread, while the others wait."""
        with self._lock:
            self._replica.refresh(self)
            if self._ring is None:
                self._create_signing_key()
                self._replica.refresh(self)
            ring = self._ring
        if ring is None:
            raise ServiceUnavailable("no signing key can be decrypted")
        return ring

    def _create_signing_key(self) -> None:
        """Create a signing key, unless another process has done so meanwhile."""
        key = generate(self._algorithm)
        with self._session_factory() as db, write_transaction(db):
            if has_signing_key(db):
                mark_changed(db)  # so that this process reads the key of the other one now
            else:
                rotate(db, key, self._secret_keys[0])


def is_readable(key: SigningKey | UnreadableKey) -> TypeGuard[SigningKey]:
    """Whether the key was decrypted."""
    return isinstance(key, SigningKey)
