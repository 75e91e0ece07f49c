"""Accounts: create, check, change, disable. What changes one works inside the caller's transaction."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from daypass import admins, reserved_names, sessions, setup_state
from daypass.database import writing
from daypass.errors import (
    FormerNameTaken,
    InvalidName,
    InvalidRole,
    NameTaken,
    NoSuchAccount,
    ReservedName,
    WrongCredentials,
)
from daypass.models import Account, AuthSession, FormerName, Instant, database_now
from daypass.passwords import Hasher, is_possible, needs_rehash

ADMIN = admins.ROLE
NAME = re.compile(r"[a-z0-9._-]{3,32}")
MOST_ROLES = 32  # so that a token that names them stays short
ROLE = re.compile(r"[a-z0-9._-]{1,32}")


def canonical(name: str) -> str:
    """The one spelling of a name: without surrounding space, in lower case. Raises InvalidName.

    ASCII is asked for first, since some letters outside it become ASCII in lower case (K, the Kelvin sign).
    """
    name = name.strip(" ")
    if not name.isascii() or not NAME.fullmatch(name.lower()):
        raise InvalidName("name outside the rules")
    return name.lower()


def create(db: Session, name: str, password_hash: str, roles: Iterable[str] = (), *, reuse: bool = False) -> Account:
    """A new account. Raises InvalidName, or NameTaken: the UNIQUE constraint decides, not a look-up before it.

    Raises FormerNameTaken for the name of a deleted account, unless `reuse` is set.
    """
    account = Account(name=canonical(name), password_hash=password_hash, roles=sorted(roles))
    setup_state.finish(db)
    db.add(account)
    try:
        db.flush()
    except IntegrityError:
        raise NameTaken("name taken") from None
    if _take_former(db, account.name) and not reuse:
        raise FormerNameTaken("name of a deleted account")
    return account


def _take_former(db: Session, name: str) -> bool:
    """Whether it was the name of a deleted account; it is no former name from here on, if the transaction commits.

    Call it after the insert, which waits for a deletion of the same name that is still going on (PostgreSQL).
    """
    former = delete_rows(FormerName).where(FormerName.name == name).returning(FormerName.name)
    return db.scalar(former) is not None


def sign_up(db: Session, name: str, password_hash: str) -> Account:
    """A new account for a visitor, without roles. Raises what `create` does, and ReservedName."""
    if reserved_names.is_reserved(canonical(name)):
        raise ReservedName("reserved name")
    return create(db, name, password_hash)


def create_first(db: Session, link_id: str, name: str, password_hash: str) -> Account:
    """The first account, an admin, by the live set-up link. Raises SetupDone, or InvalidToken for any other link."""
    setup_state.check_link(db, link_id, lock=True)
    return create(db, name, password_hash, [ADMIN])


@dataclass(frozen=True)
class Row:
    """An account as the list of accounts shows it."""

    id: str
    name: str
    roles: tuple[str, ...]
    disabled: bool
    created_at: datetime
    last_seen_at: datetime | None
    live_sessions: int


def overview(db: Session, now: datetime) -> list[Row]:
    """Every account with what its sessions tell, sorted by name."""
    real = AuthSession.kind != sessions.TRIAL
    live = func.count().filter(real, AuthSession.ended_at.is_(None), AuthSession.expires_at > now)
    seen = func.max(AuthSession.last_seen_at, type_=Instant()).filter(real)
    rows = select(Account, seen, live).outerjoin(Account.sessions).group_by(Account.id).order_by(Account.name)
    return [
        Row(
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


def enabled(db: Session) -> Sequence[Account]:
    """Every account that may sign in, sorted by name."""
    return db.scalars(select(Account).where(Account.disabled_at.is_(None)).order_by(Account.name)).all()


def named(db: Session, name: str) -> Account:
    """The account of this name. Raises NoSuchAccount or InvalidName."""
    account = db.scalar(select(Account).where(Account.name == canonical(name)))
    if account is None:
        raise NoSuchAccount("no such account")
    return account


@dataclass(frozen=True)
class Proof:
    """That somebody knew the password of this account, as long as its hash is still this one."""

    account_id: str
    password_hash: str


def check_password(db: Session, hasher: Hasher, name: str, password: str) -> Proof:
    """Proof that this name and password belong together; raises WrongCredentials for every cause, or Busy.

    No transaction is held while the password is hashed, and an unknown name costs a hash too.
    """
    hasher.check_room()
    account_id, stored, disabled = _credentials(db, name)
    db.rollback()
    if not is_possible(password):
        raise WrongCredentials("impossible password", account_id)
    if not hasher.verify(stored, password) or account_id is None or stored is None:
        raise WrongCredentials("unknown name" if stored is None else "wrong password", account_id)
    if disabled:
        raise WrongCredentials("disabled", account_id)
    proof = Proof(account_id, stored)
    return _upgraded(db, proof, hasher.hash(password)) if needs_rehash(stored) else proof


def _credentials(db: Session, name: str) -> tuple[str | None, str | None, bool]:
    try:
        account = named(db, name)
    except (NoSuchAccount, InvalidName):
        return None, None, False
    return account.id, account.password_hash, account.disabled_at is not None


def _upgraded(db: Session, proof: Proof, password_hash: str) -> Proof:
    """The proof, with the password hashed at today's cost."""
    with writing(db):
        redeem(db, proof).password_hash = password_hash
    return Proof(proof.account_id, password_hash)


def redeem(db: Session, proof: Proof) -> Account:
    """The account that a proof is for. Raises WrongCredentials if it was disabled or its password changed meanwhile.

    Its row is locked until the transaction ends, so that a change and the end of all sessions come before or after.
    """
    account = db.get(Account, proof.account_id, with_for_update=True, populate_existing=True)
    if account is None or account.disabled_at is not None or account.password_hash != proof.password_hash:
        raise WrongCredentials("changed meanwhile", proof.account_id)
    return account


def set_password(db: Session, account: Account, password_hash: str) -> None:
    """Change the password, which ends every session of the account (ASVS 7.4.3)."""
    account.password_hash = password_hash
    sessions.end_all(db, account.id, "password_changed")


def disable(db: Session, account: Account) -> None:
    """Keep the account out from now on, which ends its sessions (ASVS 7.4.2). Raises LastAdmin or NoSuchAccount."""
    admins.check_not_last(db, account)
    account.disabled_at = database_now()
    sessions.end_all(db, account.id, "account_disabled")


def enable(db: Session, account: Account) -> None:
    """Let the account sign in again; what ended stays ended."""
    account.disabled_at = None


def set_roles(db: Session, account: Account, roles: Iterable[str]) -> None:
    """Give the account these roles and no others, which ends its sessions: their tokens name the old ones.

    Raises InvalidRole, LastAdmin or NoSuchAccount.
    """
    new = sorted({role_name(role) for role in roles})
    if len(new) > MOST_ROLES:
        raise InvalidRole("too many roles", sentence=f"An account has at most {MOST_ROLES} roles.")
    if ADMIN not in new:
        admins.check_not_last(db, account)
    account.roles = new
    sessions.end_all(db, account.id, "role_changed")


def role_name(role: str) -> str:
    """A role's name: of the characters that a user name has. Raises InvalidRole."""
    if not ROLE.fullmatch(role):
        raise InvalidRole("role outside the rules")
    return role


def delete(db: Session, account: Account) -> None:
    """Delete the account. Its sessions end and stay known, so that a new account of the name revives none of them.

    Its name is kept, so that nobody else gets it by sign-up. Raises LastAdmin or NoSuchAccount.
    """
    admins.check_not_last(db, account)
    sessions.end_all(db, account.id, "account_deleted")
    db.add(FormerName(name=account.name))
    db.delete(account)
    db.flush()


def delete_own(db: Session, proof: Proof) -> None:
    """Delete the account that a proof is for. Raises WrongCredentials or LastAdmin."""
    admins.lock(db)
    delete(db, redeem(db, proof))
