"""“This wasn't me”: the owner of a mailbox undoes an act that a notice reported, and takes the account back.

Whoever has the password could change the address too. So the notice of an act stays valid for seven days whatever
happens afterwards, and using it restores the address that the notice was sent to. Then the later notices, which may
have gone to an intruder, are not valid any more; earlier ones are.
"""

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from daypass.accounts import devices, email, password_hasher, recovery
from daypass.accounts.errors import AddressTaken, InvalidLink
from daypass.accounts.notices import notify
from daypass.database.models import Account, Mail
from daypass.mail.kinds import DISOWNABLE, Kind
from daypass.sessions import lifecycle
from daypass.settings.definitions import Settings


def find_notice(db: Session, account_id: str, link_id: str) -> Mail:
    """The notice that a link belongs to. Raises InvalidLink."""
    own = select(Mail).where(Mail.link_id == link_id, Mail.account_id == account_id, Mail.kind.in_(DISOWNABLE))
    notice = db.scalars(own).one_or_none()
    if notice is None:
        raise InvalidLink("no notice has this link")
    return notice


def disown(db: Session, settings: Settings, account_id: str, link_id: str, facts: Mapping[str, str]) -> Account:
    """End all sessions, forget password and devices, restore the address and mail a reset link to it.

    Works inside the caller's transaction. Raises InvalidLink.
    """
    account = db.get(Account, account_id, with_for_update=True, populate_existing=True)
    notice = find_notice(db, account_id, link_id)
    if account is None:
        raise InvalidLink("the account was deleted")
    later = (Mail.account_id == account_id) & (Mail.created_at >= notice.created_at)
    db.execute(update(Mail).where(later, Mail.kind.in_(DISOWNABLE)).values(link_id=None))
    account.password_hash = password_hasher.DUMMY_HASH
    devices.forget_all(db, account_id)
    lifecycle.end_all(db, account_id, "disowned")
    _restore_address(db, account, notice.recipient)
    notify(db, settings, account, Kind.ACCOUNT_DISOWNED, facts, to=None)
    recovery.send_link(db, account)
    return account


def _restore_address(db: Session, account: Account, address: str) -> None:
    """Set the former address again, unless another account has confirmed it meanwhile."""
    try:
        with db.begin_nested():
            email.set_address(db, account, address)
    except AddressTaken:
        email.set_address(db, account, None)
