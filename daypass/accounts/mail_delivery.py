"""What the sender delivers: the text and the signed link of each message."""

from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from daypass.accounts import recovery
from daypass.accounts.mail_links import signed_link
from daypass.audit.events import Event
from daypass.audit.trail import AuditTrail
from daypass.database.models import Account, Mail
from daypass.database.transactions import write_transaction
from daypass.keys.store import KeyStore
from daypass.mail import messages, smtp, webhook
from daypass.mail.kinds import DISOWNABLE, WEBHOOK, Kind
from daypass.mail.sender import Delivery, Sender
from daypass.settings.definitions import Settings
from daypass.tokens import purposes

PURPOSES = {Kind.RESET: purposes.RESET, Kind.CONFIRM_ADDRESS: purposes.CONFIRM_ADDRESS} | dict.fromkeys(
    DISOWNABLE, purposes.DISOWN
)


def build_sender(settings: Settings, sessions: sessionmaker[Session], keys: KeyStore, audit: AuditTrail) -> Sender:
    """The sender of one process. From then on, each commit that writes a message wakes it."""
    look_up = partial(_look_up_requests, sessions, audit)
    return Sender(sessions, prepare=look_up, compose=Composer(settings, keys), audit=audit)


def _look_up_requests(sessions: sessionmaker[Session], audit: AuditTrail) -> bool:
    """Write the mails for a batch of reset requests; returns whether there may be more."""
    with sessions() as db, write_transaction(db):
        looked_up, is_more = recovery.look_up_requests(db)
    for each in looked_up:
        if each.is_sent:
            audit.record(Event.RESET_LINK_CREATED, "success", account=each.account_id, by="mail")
        else:
            audit.record(Event.RESET_LINK_CREATED, "failure", account=each.account_id, reason="too many in an hour")
    return is_more


class Composer:
    """Composes messages. Links are signed here, so that no token is ever stored."""

    def __init__(self, settings: Settings, keys: KeyStore) -> None:
        self._settings = settings
        self._keys = keys

    def __call__(self, db: Session, mail: Mail) -> Delivery | None:
        """The delivery of a message; None if its account is gone, its link was replaced, or its channel turned off."""
        account = db.get(Account, mail.account_id) if mail.account_id else None
        if account is None or _is_replaced(mail, account):
            return None
        return self._webhook(mail, account) if mail.channel == WEBHOOK else self._mail(mail, account)

    def _webhook(self, mail: Mail, account: Account) -> Delivery | None:
        if not self._settings.webhook_url:
            return None
        document = {
            "id": mail.id,
            "event": mail.kind,
            "time": mail.created_at.isoformat(timespec="seconds"),
            "account": account.id,
            "name": account.name,
            **mail.facts,
        }
        return partial(webhook.post, self._settings.webhook_url, self._settings.webhook_secret, document)

    def _mail(self, mail: Mail, account: Account) -> Delivery | None:
        settings = self._settings
        if settings.mail_url is None or settings.mail_from is None:
            return None
        facts = {
            "name": account.name,
            "site": settings.authority,
            "time": f"{mail.created_at:%Y-%m-%d %H:%M UTC}",
            "browser": None,
            "address": None,
            "by": None,
            "link": self._link(mail, account),
        }
        content = messages.content(mail.kind, {**facts, **mail.facts})
        message = messages.message(
            mail, content=content, sender=settings.mail_from, site=settings.base_url, title=settings.title
        )
        return partial(smtp.send, settings.mail_url, message)

    def _link(self, mail: Mail, account: Account) -> str | None:
        purpose = PURPOSES.get(Kind(mail.kind))
        if purpose is None or mail.link_id is None:
            return None
        return signed_link(self._settings, self._keys.current(), purpose, account.id, mail.link_id)


def _is_replaced(mail: Mail, account: Account) -> bool:
    """Whether the message has a link that a newer one, or a change of the account, has revoked."""
    current = {Kind.RESET: account.reset_id, Kind.CONFIRM_ADDRESS: account.confirm_id}
    return mail.kind in current and mail.link_id != current[Kind(mail.kind)]
