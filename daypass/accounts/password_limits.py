"""The limits on wrong passwords: per account, per address, per known device and per session."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from daypass.accounts import devices
from daypass.database.transactions import write_transaction
from daypass.settings.definitions import Settings
from daypass.throttling import attempts
from daypass.throttling.attempts import Limit
from daypass.throttling.fair_queue import queue_owner


@dataclass(frozen=True)
class PasswordOrigin:
    """Where a password was entered.

    address: of the client, None if unknown. device_id: what the browser presented, if anything. session_id: of a
    signed-in visitor who confirms the password; None at sign-in.
    """

    address: str | None
    device_id: str | None = None
    session_id: str | None = None


@dataclass(frozen=True)
class Attempt:
    """An attempt that was counted. Give `taken` back if the password is right.

    allowed: whether the password may be compared. Otherwise the account's limit is used up, which must look like a
    wrong password, since the client did not cause it.
    """

    taken: tuple[Limit, ...]
    allowed: bool = True

    def give_back(self, db: Session) -> None:
        """Give the attempt back in a transaction of its own, because it was no guess."""
        with write_transaction(db):
            attempts.give_back(db, self.taken)


def _tell_nobody(db: Session, account_id: str) -> None:
    """Send no notice."""


@dataclass(frozen=True)
class PasswordLimits:
    """Counts the attempts of one origin before the password is compared, so that parallel ones cannot pass a limit.

    tell_owner: called in the transaction, with the id of an account whose limit strangers have used up.
    """

    settings: Settings
    origin: PasswordOrigin
    tell_owner: Callable[[Session, str], None] = _tell_nobody

    def start(self, db: Session, account_id: str | None) -> Attempt:
        """Count an attempt for an account, or for an unknown name (None).

        Raises TooManyAttempts if the limit of this client's own is used up.
        """
        return self._count(db, *self._limits(db, account_id))

    def start_for_name(self, db: Session, name: str) -> Attempt:
        """Count an attempt for a name that no account has, but maybe one of an older system. Raises TooManyAttempts."""
        of_name = Limit("account", f"name:{name}", self.settings.limit_account, unbounded=True)
        return self._count(db, self._address_limit(), of_name)

    def _count(self, db: Session, own: Limit, account: Limit | None) -> Attempt:
        attempts.check(db, own)
        with write_transaction(db):
            attempts.require(db, own)
            if account is None:
                return Attempt((own,))
            if attempts.take(db, account):
                return Attempt((own, account))
            self.tell_owner(db, account.owner)
            return Attempt((own,), allowed=False)

    def _limits(self, db: Session, account_id: str | None) -> tuple[Limit, Limit | None]:
        """The client's own limit, and that of the account, which strangers share."""
        origin, settings = self.origin, self.settings
        if origin.session_id is not None:
            return Limit("session", origin.session_id, settings.limit_device), None
        if origin.device_id and account_id and devices.is_known(db, account_id, origin.device_id):
            return Limit("device", origin.device_id, settings.limit_device), None
        account = None if account_id is None else Limit("account", account_id, settings.limit_account)
        return self._address_limit(), account

    def _address_limit(self) -> Limit:
        owner, settings = queue_owner(self.origin.address), self.settings
        return Limit("address", owner or "", settings.limit_address if owner else None, unbounded=True)
