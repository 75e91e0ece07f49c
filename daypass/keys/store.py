"""The key ring as the database has it: a mirror of its rows; a key that signs is made where there is none."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.models import StoredKey
from daypass.database.replica import Replica
from daypass.database.transactions import write_transaction
from daypass.errors import ServiceUnavailable
from daypass.keys import encryption, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.keys.rotation import RING_ORDER, has_signing_key, rotate
from daypass.keys.signing_key import SigningKey


class KeyStore:
    """Hands out the ring in force; loading it at the first use, so that an app can be made before its database is.

    secret_keys: SECRET_KEY, then those that came before it. algorithm: of a key that has to be made.
    """

    def __init__(
        self, mirror: Replica, sessions: sessionmaker[Session], secret_keys: Sequence[str], algorithm: Algorithm
    ) -> None:
        self._mirror = mirror
        self._sessions = sessions
        self._secret_keys = secret_keys
        self._algorithm = algorithm
        self._known: list[tuple[str, datetime, datetime | None]] = []
        self._opened: dict[tuple[str, datetime], SigningKey] = {}  # an id may be given to another key
        self._ring: KeyRing | None = None
        self._lock = threading.Lock()
        mirror.add(self)

    @property
    def ring(self) -> KeyRing:
        """The keys in force, whichever process changed them; no query unless data changed.

        Raises SettingsError when SECRET_KEY does not open them, Unavailable where they can no longer be told.
        """
        self._mirror.refresh()
        return self._ring or self._ring_with_a_new_key()

    def read(self, db: Session) -> None:
        """Take in the ring if it is another one, opening only the keys that are new: that costs more than signing."""
        columns = select(StoredKey.kid, StoredKey.created_at, StoredKey.retired_at).order_by(*RING_ORDER)
        known = [(kid, made_at, retired_at) for kid, made_at, retired_at in db.execute(columns)]
        if known == self._known:
            return
        rows = db.scalars(select(StoredKey).order_by(*RING_ORDER)).all()
        named = {(row.kid, row.created_at): row for row in rows}
        self._opened = {name: self._opened.get(name) or self._open(row) for name, row in named.items()}
        ring = [replace(self._opened[name], retired_at=row.retired_at) for name, row in named.items()]
        self._ring = KeyRing(ring) if ring and ring[0].retired_at is None else None
        self._known = known

    def _open(self, row: StoredKey) -> SigningKey:
        return encryption.decrypt_key(row.kid, row.algorithm, row.sealed, *self._secret_keys)

    def _ring_with_a_new_key(self) -> KeyRing:
        """One thread makes a key that signs; those that come meanwhile wait for it."""
        with self._lock:
            self._mirror.refresh()
            if self._ring is None:
                self._make_signing_key()
                self._mirror.refresh()
            ring = self._ring
        if ring is None:
            raise ServiceUnavailable("no key that signs can be read")
        return ring

    def _make_signing_key(self) -> None:
        """Make a key that signs, unless another process has done so meanwhile."""
        key = signing_key.generate(self._algorithm)
        with self._sessions() as db, write_transaction(db):
            if not has_signing_key(db):
                rotate(db, key, self._secret_keys[0])
