"""The e-mail address of an account: optional, unique once confirmed, confirmed by a link.

Each function works inside the caller's transaction.
"""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from daypass.accounts.errors import AddressTaken, InvalidAddress, InvalidLink, TooManyMails
from daypass.accounts.notices import notify
from daypass.accounts.status import is_active
from daypass.database.models import Account, new_id
from daypass.mail import outbox
from daypass.mail.kinds import Kind
from daypass.net.email_address import lookup_key, parse_email
from daypass.settings.definitions import Settings

HOUR = timedelta(hours=1)
MAX_CONFIRMATIONS = 5  # mails per hour, for an account, and to an address


def parse(text: str) -> str:
    """A normalized address. Raises InvalidAddress."""
    try:
        return parse_email(text)
    except ValueError as error:
        raise InvalidAddress(str(error)) from None


def request_change(db: Session, account: Account, address: str) -> None:
    """Send a link that confirms a new address. Until it is used, the account keeps the old one.

    Nothing reveals whether another account has the address. Raises TooManyMails.
    """
    if outbox.count_recent(db, Kind.CONFIRM_ADDRESS, account.id, address, HOUR) >= MAX_CONFIRMATIONS:
        raise TooManyMails("confirmation mails of the last hour")
    account.new_email, account.confirm_id = address, new_id()
    outbox.replace(db, Kind.CONFIRM_ADDRESS, account.id, address, link_id=account.confirm_id)


def confirm(db: Session, settings: Settings, account_id: str, link_id: str, facts: Mapping[str, str]) -> Account:
    """Use a confirmation link. Raises InvalidLink or AddressTaken."""
    account = db.get(Account, account_id, with_for_update=True, populate_existing=True)
    check_link(account, link_id)
    assert account is not None  # noqa: S101  # checked above; for the type checker
    change(db, settings, account, account.new_email, facts)
    return account


def check_link(account: Account | None, link_id: str) -> None:
    """Raise InvalidLink unless this is the current confirmation link of an active account."""
    if account is None or not is_active(account) or account.new_email is None:
        raise InvalidLink("no address waits for confirmation")
    if account.confirm_id != link_id:
        raise InvalidLink("a newer confirmation link replaced this one")


def change(db: Session, settings: Settings, account: Account, address: str | None, facts: Mapping[str, str]) -> None:
    """Set a confirmed address, or remove it; tell the old one, and revoke the reset link. Raises AddressTaken."""
    old = account.email
    set_address(db, account, address)
    if old != address:
        notify(db, settings, account, Kind.ADDRESS_CHANGED, facts, to=old)


def set_address(db: Session, account: Account, address: str | None) -> None:
    """Set a confirmed address without a notice. Raises AddressTaken, for which the UNIQUE constraint decides."""
    account.email = address
    account.email_key = None if address is None else lookup_key(address)
    account.new_email = account.confirm_id = account.reset_id = None
    try:
        db.flush()
    except IntegrityError:
        raise AddressTaken("another account has the address") from None
