"""The key ring as the database has it: made at the first start, read once by each process."""

import threading

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from daypass import keys
from daypass.database import one_at_a_time, writing
from daypass.keys import Algorithm, KeyRing
from daypass.models import StoredKey


class KeyStore:
    """Hands out the ring; loading it at the first use, so that an app can be made before its database is."""

    def __init__(self, sessions: sessionmaker[Session], secret_key: str, algorithm: Algorithm) -> None:
        self._sessions = sessions
        self._secret_key = secret_key
        self._algorithm = algorithm
        self._lock = threading.Lock()
        self._ring: KeyRing | None = None

    @property
    def ring(self) -> KeyRing:
        """The keys in force. Raises SettingsError when SECRET_KEY does not open them."""
        if self._ring is None:
            with self._lock:
                self._ring = self._ring or self._load()
        return self._ring

    def _load(self) -> KeyRing:
        with self._sessions() as db:
            rows = self._rows(db) or self._first(db)
            return KeyRing(keys.unseal(row.kid, row.algorithm, row.sealed, self._secret_key) for row in rows)

    def _rows(self, db: Session) -> list[StoredKey]:
        """Newest first: the newest signs."""
        return list(db.scalars(select(StoredKey).order_by(StoredKey.created_at.desc(), StoredKey.kid)))

    def _first(self, db: Session) -> list[StoredKey]:
        """Make the first key, unless another process has done so meanwhile."""
        key = keys.generate(self._algorithm)
        with writing(db):
            one_at_a_time(db)
            if not self._rows(db):
                db.add(StoredKey(kid=key.kid, algorithm=key.algorithm, sealed=keys.seal(key, self._secret_key)))
        return self._rows(db)
