"""Replace the content of a database in one transaction: by a backup, or by another database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.orm import Session

from daypass.audit import chain
from daypass.audit.errors import BrokenTrail
from daypass.backup.errors import BackupError
from daypass.backup.reading import Backup
from daypass.database.copying import lift_timeouts, lock_tables, replace_rows
from daypass.database.models import Account, Base, Mail, StoredKey
from daypass.keys import rotation
from daypass.keys.errors import UnreadableKey
from daypass.keys.signing_key import SigningKey
from daypass.mail import outbox
from daypass.sessions import lifecycle

TABLES = Base.metadata.sorted_tables


@dataclass(frozen=True)
class Restored:
    """The number of rows by table, and of the sessions that were ended."""

    rows: Mapping[str, int]
    ended: int


def check_empty(db: Session) -> None:
    """Raise BackupError if the database has accounts; until the transaction ends, nobody can create one."""
    lock_tables(db.connection(), TABLES)
    accounts = db.scalar(select(func.count()).select_from(Account))
    if accounts:
        raise BackupError(
            f"The database has {accounts} account{'s' if accounts > 1 else ''}, which would be lost. Nothing was "
            "changed. Back it up, or choose an empty database."
        )


def copy_into(db: Session, source: Connection) -> Mapping[str, int]:
    """Replace all rows by those of the source, in the caller's write transaction; returns their number by table."""
    target = db.connection()
    lift_timeouts(target)
    lock_tables(target, TABLES)
    return replace_rows(source, target, TABLES)


def restore(
    db: Session,
    backup: Backup,
    *,
    secret_keys: Sequence[str],
    new_key: SigningKey,
    keep_sessions: bool,
    drop_keys: bool,
) -> Restored:
    """Replace all rows by those of the backup, in the caller's write transaction.

    new_key: signs from now on. A changed key ring also clears the caches of running servers, which may hold tokens of
    sessions that the backup does not have. keep_sessions: leave the sessions active that were active in the backup.
    drop_keys: leave the backup's signing keys out, and begin a new chain of audit events. Raises BackupError if the
    keys cannot be decrypted. Messages that were waiting are left out, since they may have been sent since.
    """
    rows = copy_into(db, backup.connection)
    db.execute(delete(Mail).where(Mail.state == outbox.WAITING))
    if drop_keys:
        db.execute(delete(StoredKey))
        chain.restart(db, secret_keys)
    else:
        _reencrypt_keys(db, secret_keys, backup.facts.secret_key)
    rotation.rotate(db, new_key, secret_keys[0])
    ended = 0 if keep_sessions else lifecycle.end_everyone(db, "restored")
    return Restored(rows, ended)


def _reencrypt_keys(db: Session, secret_keys: Sequence[str], included: str | None) -> None:
    """Encrypt the keys under our SECRET_KEY. included: the backup's own, if it has one. Raises BackupError."""
    known = [*secret_keys, *([included] if included else [])]
    try:
        rotation.reencrypt(db, known)
        chain.reencrypt(db, known)
    except (UnreadableKey, BrokenTrail):
        raise BackupError(
            "The signing keys in the backup are encrypted under another secret key. Nothing was changed. Set "
            "DAYPASS_SECRET_KEY to its value at the time of the backup, or add that value to "
            "DAYPASS_SECRET_KEY_FALLBACKS, and restore again. If it is lost, use --drop-keys: everybody then has to "
            "sign in again, and API tokens have to be created again."
        ) from None
