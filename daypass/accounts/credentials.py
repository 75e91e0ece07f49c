"""Check a password, and prove the result to a later transaction."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from daypass.accounts.errors import AccountLocked, AwaitsApproval, InvalidName, NoSuchAccount, WrongCredentials
from daypass.accounts.password_hasher import PasswordHasher, needs_rehash
from daypass.accounts.password_limits import Attempt, PasswordLimits
from daypass.accounts.passwords import is_possible
from daypass.accounts.queries import find
from daypass.accounts.status import LOCKED, WAITING, has_password, is_active, is_opened_by_mail, why_inactive
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.throttling import attempts
from daypass.throttling.attempts import Limit
from daypass.throttling.errors import Busy

ACCOUNT_LIMIT = "too many attempts"  # reason: the limit of the account is used up


@dataclass(frozen=True)
class PasswordProof:
    """Proof that the password of this account was entered; valid while the account has this password hash."""

    account_id: str
    password_hash: str
    taken: tuple[Limit, ...] = ()  # the attempt that was counted; `redeem` gives it back


def check_password(
    db: Session, hasher: PasswordHasher, limits: PasswordLimits, name: str, password: str
) -> PasswordProof:
    """Check a name and password. Raises WrongCredentials for every cause of failure, TooManyAttempts or Busy.

    The attempt is counted first. No transaction is open while the password is hashed. An unknown name, and an account
    whose limit is used up, take as long as any other.
    """
    hasher.check_room()
    account_id, stored, barred = _credentials(db, name)
    if not is_possible(password):
        raise WrongCredentials("impossible password", account_id)
    attempt = limits.start(db, account_id)
    matches = _verify(db, hasher, attempt, stored, password)
    if not attempt.allowed:
        raise WrongCredentials(ACCOUNT_LIMIT, account_id)
    if not matches or account_id is None or stored is None:
        raise WrongCredentials("unknown name" if stored is None else "wrong password", account_id)
    if barred is not None:
        raise barred
    proof = PasswordProof(account_id, stored, attempt.taken)
    if not needs_rehash(stored):
        return proof
    try:
        return _upgraded(db, proof, hasher.hash(password))
    except WrongCredentials:  # another sign-in may have upgraded the hash meanwhile
        return check_password(db, hasher, limits, name, password)


def _verify(db: Session, hasher: PasswordHasher, attempt: Attempt, stored: str | None, password: str) -> bool:
    """Whether the password matches; always False for an attempt that is not allowed. Raises Busy."""
    try:
        return hasher.verify(stored if attempt.allowed else None, password)
    except Busy:
        attempt.give_back(db)
        raise


def _credentials(db: Session, name: str) -> tuple[str | None, str | None, WrongCredentials | None]:
    """Id and password hash of an account, and the error if even the right password does not sign in to it."""
    try:
        account = find(db, name)
    except (NoSuchAccount, InvalidName):
        return None, None, None
    return account.id, account.password_hash if has_password(account) else None, _bar(account)


def _bar(account: Account) -> WrongCredentials | None:
    inactive = why_inactive(account)
    if inactive == WAITING:
        return AwaitsApproval(inactive, account.id)
    if inactive == LOCKED:
        return AccountLocked(inactive, account.id, opened_by_mail=is_opened_by_mail(account))
    return None if inactive is None else WrongCredentials(inactive, account.id)


def _upgraded(db: Session, proof: PasswordProof, password_hash: str) -> PasswordProof:
    """Store the hash with the current parameters, and return a proof for it."""
    with write_transaction(db):
        redeem(db, proof).password_hash = password_hash
    return PasswordProof(proof.account_id, password_hash)


def redeem(db: Session, proof: PasswordProof) -> Account:
    """Return the account of a proof. Raises WrongCredentials if it is not active, or its password changed meanwhile.

    Gives the attempt back that was counted, since only wrong passwords are limited.

    Locks the row until the transaction ends, so that a password change, which ends all sessions, comes before or after.
    """
    account = db.get(Account, proof.account_id, with_for_update=True, populate_existing=True)
    if account is None or not is_active(account) or account.password_hash != proof.password_hash:
        raise WrongCredentials("changed meanwhile", proof.account_id)
    attempts.give_back(db, proof.taken)
    return account
