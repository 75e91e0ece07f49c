"""Requests for accounts, with DAYPASS_SIGNUP=approve. Each function works inside the caller's transaction.

A request is an account that is disabled, and so cannot be used in any way, until an administrator enables it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from daypass.accounts import accounts, administrators, notices, queries, setup
from daypass.accounts.errors import NoSuchRequest, NotSetUp, TooManyRequests
from daypass.accounts.names import canonical
from daypass.database.models import Account, database_now
from daypass.mail import outbox
from daypass.mail.kinds import Kind
from daypass.settings.definitions import Settings

MAX_WAITING = 1000  # in all
KEEP = timedelta(days=30)  # a request that nobody has decided
SHOWN = 200  # rows
BATCH = 500  # rows

WAITING = Account.requested_at.is_not(None)


def create(db: Session, name: str, password_hash: str) -> Account:
    """Create an account that waits for approval.

    Raises NotSetUp if there is no administrator yet, TooManyRequests, and what `accounts.sign_up` raises.
    """
    if not setup.is_done(db):
        raise NotSetUp("a request before the first account")
    if queries.count_requests(db) >= MAX_WAITING:
        raise TooManyRequests("requests for accounts")
    account = accounts.sign_up(db, name, password_hash)
    account.disabled_at = account.requested_at = database_now()
    db.flush()
    return account


def tell_administrators(db: Session, settings: Settings) -> None:
    """Write a mail to the administrators about a new request; while others wait too, at most one a day.

    It does not contain the name: a stranger chose it, and some mail programs would make a link of it.
    """
    if not settings.sends_mail:
        return
    is_first = queries.count_requests(db) == 1
    facts = {"page": f"{settings.pages_url}/admin/requests", "days": str(KEEP.days)}
    for admin in administrators.with_address(db):
        address = admin.email or ""
        if is_first or not outbox.count_recent(db, Kind.ACCOUNT_REQUESTED, admin.id, address, notices.DAY):
            outbox.put(db, Kind.ACCOUNT_REQUESTED, admin.id, address, facts=facts)


def list_waiting(db: Session) -> Sequence[Account]:
    """The requests that wait, the oldest first."""
    return db.scalars(select(Account).where(WAITING).order_by(Account.requested_at, Account.id).limit(SHOWN)).all()


def get(db: Session, account_id: str) -> Account:
    """The request with this id of an account. Raises NoSuchRequest."""
    return _waiting(db.get(Account, account_id))


def find(db: Session, name: str) -> Account:
    """The request for an account of this name. Raises NoSuchRequest or InvalidName."""
    return _waiting(db.scalar(select(Account).where(Account.name == canonical(name))))


def approve(db: Session, account_id: str) -> Account:
    """Let the account sign in. Raises NoSuchRequest if another administrator was first."""
    account = _lock(db, account_id)
    accounts.enable(db, account)
    return account


def reject(db: Session, account_id: str) -> str:
    """Delete the account; returns its name, which is free again, since nobody has ever signed in with it.

    Raises NoSuchRequest if another administrator was first.
    """
    account = _lock(db, account_id)
    db.delete(account)
    db.flush()
    return account.name


def _lock(db: Session, account_id: str) -> Account:
    return _waiting(db.get(Account, account_id, with_for_update=True, populate_existing=True))


def _waiting(account: Account | None) -> Account:
    if account is None or account.requested_at is None:
        raise NoSuchRequest("no such request")
    return account


def prune(db: Session, now: datetime) -> int:
    """Delete one batch of requests that are older than KEEP; returns how many, 0 if none is left."""
    old = select(Account.id).where(Account.requested_at < now - KEEP).limit(BATCH)
    return len(db.scalars(delete(Account).where(Account.id.in_(old)).returning(Account.id)).all())
