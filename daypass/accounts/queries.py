"""Queries about accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlalchemy.orm import Session

from daypass.accounts.errors import NoSuchAccount
from daypass.accounts.names import canonical
from daypass.database.models import Account, AuthSession, Instant
from daypass.sessions import kinds

FOUND = select(Account).where(Account.name == bindparam("canonical_name"))
ADDRESSES = select(Account.email, Account.new_email).where(Account.id == bindparam("id"))


@dataclass(frozen=True)
class AccountSummary:
    """An account as the list of accounts shows it."""

    id: str
    name: str
    roles: tuple[str, ...]
    disabled: bool
    created_at: datetime
    last_seen_at: datetime | None
    live_sessions: int


def addresses(connection: Connection, account_id: str) -> Row[str | None, str | None] | None:
    """The e-mail address of an account, and its new address that is not confirmed yet, as `email` and `new_email`."""
    return connection.execute(ADDRESSES, {"id": account_id}).first()


def list_accounts(db: Session, now: datetime) -> list[AccountSummary]:
    """List all accounts with a summary of their sessions, sorted by name."""
    real = AuthSession.kind != kinds.TRIAL
    live = func.count().filter(real, AuthSession.ended_at.is_(None), AuthSession.expires_at > now)
    seen = func.max(AuthSession.last_seen_at, type_=Instant()).filter(real)
    rows = select(Account, seen, live).outerjoin(Account.sessions).group_by(Account.id).order_by(Account.name)
    return [
        AccountSummary(
            account.id,
            account.name,
            tuple(account.roles),
            account.disabled_at is not None,
            account.created_at,
            last_seen,
            live_sessions,
        )
        for account, last_seen, live_sessions in db.execute(rows)
    ]


def are_several(db: Session) -> bool:
    """Whether there is more than one account."""
    return len(db.scalars(select(Account.id).limit(2)).all()) > 1


def list_enabled(db: Session) -> Sequence[Account]:
    """List the accounts that can sign in, sorted by name."""
    return db.scalars(select(Account).where(Account.disabled_at.is_(None)).order_by(Account.name)).all()


def find(db: Session, name: str) -> Account:
    """Return the account with this name. Raises NoSuchAccount or InvalidName."""
    account = db.scalar(FOUND, {"canonical_name": canonical(name)})
    if account is None:
        raise NoSuchAccount("no such account")
    return account
