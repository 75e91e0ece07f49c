"""Reset a forgotten password (ASVS 6.4.3). Each function works inside the caller's transaction.

Only the newest link of an account is valid. It works once, and ends with any change of password or address.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.accounts import accounts, locking, status
from daypass.accounts.errors import InvalidLink, InvalidName
from daypass.accounts.names import canonical
from daypass.database.models import Account, new_id
from daypass.mail import outbox
from daypass.mail.kinds import Kind
from daypass.net.email_address import MAX_LENGTH, lookup_key, parse_email

HOUR = timedelta(hours=1)
MAX_RESETS = 5  # mails per account and hour
BATCH = 50  # requests looked up in one transaction


@dataclass(frozen=True)
class LookedUp:
    """A request that names an account, and whether a link was sent; not if there were too many in the last hour."""

    account_id: str
    is_sent: bool


def request(db: Session, typed: str) -> None:
    """Note that somebody asked for a link, by name or address.

    Accounts are looked up later, in another thread, so that neither the response nor its time reveals them.
    """
    text = typed.strip()[:MAX_LENGTH]
    outbox.put_request(db, text if text.isprintable() else "")


def look_up_requests(db: Session) -> tuple[list[LookedUp], bool]:
    """Write the mails for a batch of requests; returns those that name an account, and whether there may be more."""
    typed = outbox.take_requests(db, BATCH)
    accounts_found = [account for text in typed if (account := _find(db, text))]
    looked_up = [LookedUp(account.id, _send_if_allowed(db, account)) for account in accounts_found]
    return looked_up, len(typed) == BATCH


def _find(db: Session, typed: str) -> Account | None:
    """The account with this name or confirmed address, locked; None if there is none, or it cannot get a link."""
    try:
        if "@" in typed:
            which = Account.email_key == lookup_key(parse_email(typed))
        else:
            which = Account.name == canonical(typed)
    except (ValueError, InvalidName):
        return None
    mailable = select(Account).where(which, status.ACCEPTS_LINKS, Account.email.is_not(None))
    return db.scalars(mailable.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _send_if_allowed(db: Session, account: Account) -> bool:
    if outbox.count_recent(db, Kind.RESET, account.id, account.email or "", HOUR) >= MAX_RESETS:
        return False
    return send_link(db, account)


def send_link(db: Session, account: Account) -> bool:
    """Mail a new link to the account's confirmed address; False if it has none."""
    if account.email is None:
        return False
    outbox.replace(db, Kind.RESET, account.id, account.email, link_id=new_link(account))
    return True


def new_link(account: Account) -> str:
    """Replace the account's reset link; returns the id of the new one."""
    account.reset_id = new_id()
    return account.reset_id


def check_link(account: Account | None, link_id: str) -> Account:
    """The account, if this is its current link. Raises InvalidLink, also for an account that no link opens."""
    if account is None or not status.accepts_links(account) or account.reset_id is None:
        raise InvalidLink("no reset link is valid")
    if account.reset_id != link_id:
        raise InvalidLink("a newer reset link replaced this one")
    return account


def reset(db: Session, account_id: str, link_id: str, password_hash: str) -> tuple[Account, bool]:
    """Set the password with a link, which ends all sessions, and opens an account that its owner has locked.

    Returns the account, and whether it was locked. Raises InvalidLink.

    The row is locked, so that of two uses at once only one succeeds.
    """
    row = db.get(Account, account_id, with_for_update=True, populate_existing=True)
    account = check_link(row, link_id)
    accounts.set_password(db, account, password_hash)
    return account, locking.reopen(account)
