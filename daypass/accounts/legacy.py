"""People of an older system, whose accounts are created when they sign in for the first time.

The app checks their passwords: see `Daypass.legacy_check`.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from daypass.accounts import accounts, credentials, email, names
from daypass.accounts.credentials import ACCOUNT_LIMIT, PasswordProof
from daypass.accounts.errors import (
    AddressTaken,
    InvalidAddress,
    InvalidName,
    InvalidRole,
    NameTaken,
    WrongCredentials,
)
from daypass.accounts.password_hasher import PasswordHasher
from daypass.accounts.password_limits import Attempt, PasswordLimits
from daypass.accounts.passwords import is_possible
from daypass.accounts.roles import check_roles
from daypass.database.models import Account
from daypass.database.transactions import write_transaction


@dataclass(frozen=True)
class LegacyAccount:
    """What the new account of somebody from the older system gets.

    email: their confirmed address. It is left out if it is malformed, or another account has it. Raises ValueError for
    roles that are malformed, or text instead of a list of them.
    """

    roles: Iterable[str] = ()
    email: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.roles, str):
            raise ValueError(f"LegacyAccount needs a list of roles, such as [{self.roles!r}], not {self.roles!r}.")
        try:
            object.__setattr__(self, "roles", check_roles(self.roles))
        except InvalidRole as error:
            raise ValueError(f"LegacyAccount got the roles {self.roles!r}. {error.message}") from None


LegacyCheck = Callable[[str, str], LegacyAccount | None]

log = logging.getLogger("daypass")


def is_unknown(db: Session, name: str) -> bool:
    """Whether an account can have this name, and none has or had it."""
    try:
        return not names.is_taken(db, names.canonical(name))
    except InvalidName:
        return False


def check_password(
    db: Session,
    hasher: PasswordHasher,
    limits: PasswordLimits,
    ask: LegacyCheck,
    name: str,
    password: str,
    created: Callable[[Session, str], None],
) -> PasswordProof:
    """Ask the older system about a name that no account has, and create the account if the password is right.

    Raises what `credentials.check_password` raises, in the same cases, and what `ask` raises. The strength of the
    password is not checked, since the person has it already.

    created: called in the transaction that creates the account, with its id.
    """
    hasher.check_room()
    if not password or not is_possible(password):  # some systems admit everybody without a password (RFC 4513)
        raise WrongCredentials("impossible password")
    name = names.canonical(name)
    attempt = limits.start_for_name(db, name)
    found = _answer(db, hasher, attempt, ask, name, password)
    if found is None:
        raise WrongCredentials("wrong in the older system" if attempt.allowed else ACCOUNT_LIMIT)
    password_hash = hasher.hash(password)
    try:
        with write_transaction(db):
            account_id = _create(db, name, password_hash, found).id
            created(db, account_id)
    except NameTaken:  # another sign-in created it meanwhile
        attempt.give_back(db)
        return credentials.check_password(db, hasher, limits, name, password)
    return PasswordProof(account_id, password_hash, attempt.taken)


def _answer(
    db: Session, hasher: PasswordHasher, attempt: Attempt, ask: LegacyCheck, name: str, password: str
) -> LegacyAccount | None:
    """The answer of the older system; None if the attempt is not allowed. Takes no less than a hash.

    An attempt that could not be answered does not count. Raises Busy, and what `ask` raises.
    """
    try:
        hasher.verify(None, password)
        found = hasher.ask_elsewhere(ask, name, password) if attempt.allowed else None
        if not isinstance(found, LegacyAccount | None):
            raise TypeError(f"The function of legacy_check returned {found!r}, not a LegacyAccount or None.")
    except Exception:
        attempt.give_back(db)
        raise
    return found


def _create(db: Session, name: str, password_hash: str, found: LegacyAccount) -> Account:
    account = accounts.create(db, name, password_hash, found.roles)
    if found.email:
        try:
            with db.begin_nested():
                email.set_address(db, account, email.parse(found.email))
        except (AddressTaken, InvalidAddress) as error:
            log.warning("the address of %s in the older system was left out: %s", name, error.reason)
            db.refresh(account)
    return account
