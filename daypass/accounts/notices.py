"""Tell the owner of an account, and the webhook, about acts that could be somebody else's (ASVS 6.3.7)."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

from daypass.database.models import Account, new_id
from daypass.mail import outbox
from daypass.mail.kinds import DISOWNABLE, WEBHOOK, Kind
from daypass.settings.definitions import Settings

DAY = timedelta(days=1)


def notify(
    db: Session,
    settings: Settings,
    account: Account,
    kind: Kind,
    facts: Mapping[str, str],
    *,
    to: str | None,
) -> None:
    """Write the notice of an act, in its transaction. `facts`: who did it, as in the template `where.txt`.

    to: the address that gets the mail, which need not be that of the account any more; None for no mail.
    """
    if settings.sends_mail and to is not None:
        link_id = new_id() if kind in DISOWNABLE else None
        outbox.put(db, kind, account.id, to, link_id=link_id, facts=facts)
    if settings.webhook_url:
        outbox.put(db, kind, account.id, "", channel=WEBHOOK, facts=facts)


def notify_once_a_day(db: Session, settings: Settings, account_id: str, kind: Kind) -> None:
    """Write a notice of something that strangers can cause, unless there was one within a day."""
    account = db.get(Account, account_id)
    if account is None or outbox.count_recent(db, kind, account_id, account_id, DAY):
        return
    notify(db, settings, account, kind, {}, to=account.email)
