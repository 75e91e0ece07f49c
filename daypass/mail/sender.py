"""The thread that delivers waiting messages, in every worker."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from daypass.audit.events import Event
from daypass.audit.trail import AuditTrail
from daypass.database.models import Mail
from daypass.database.transactions import write_transaction
from daypass.mail import outbox
from daypass.mail.errors import DeliveryFailed
from daypass.mail.outbox import QUEUED

POLL_SECONDS = 5.0  # between looks for messages that other processes wrote, or that are due again

log = logging.getLogger("daypass")

Delivery = Callable[[], None]  # delivers one message, or raises DeliveryFailed


class Sender:
    """Delivers the messages of the table `mails`, one after the other.

    prepare: looks up the accounts of a batch of reset requests; returns whether there may be more.
    compose: makes a delivery of a message, or None if the message has become pointless; must not write.
    audit: records that a message could not be delivered.
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        *,
        prepare: Callable[[], bool],
        compose: Callable[[Session, Mail], Delivery | None],
        audit: AuditTrail,
    ) -> None:
        self._sessions = sessions
        self._prepare = prepare
        self._compose = compose
        self._audit = audit
        self._wake = threading.Event()
        event.listen(sessions, "after_commit", self._notice)
        event.listen(sessions, "after_rollback", _forget)

    def start(self) -> threading.Thread:
        """Start the daemon thread."""
        thread = threading.Thread(target=self._run, name="mail", daemon=True)
        thread.start()
        return thread

    def deliver_due(self) -> int:
        """Deliver everything that is due; returns how many attempts were made."""
        attempts = 0
        with self._sessions() as db:
            if not outbox.is_any_due(db):
                return 0
            db.rollback()
            while self._prepare():
                pass
            while self._deliver_one(db):
                attempts += 1
        return attempts

    def _notice(self, db: Session) -> None:
        if db.info.pop(QUEUED, False):
            self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                self.deliver_due()
            except Exception:
                log.exception("delivery of messages failed; the next attempt is in %d seconds", POLL_SECONDS)
            self._wake.wait(POLL_SECONDS)

    def _deliver_one(self, db: Session) -> bool:
        """Claim a message and deliver it outside of any transaction; False if none is due."""
        with write_transaction(db):
            mail = outbox.claim(db)
            if mail is None:
                return False
            mail_id, attempt, kind = mail.id, mail.attempts, mail.kind
        try:
            self._attempt(db, mail_id, attempt)
        except DeliveryFailed as error:
            self._report(db, mail_id, attempt, kind, error)
        return True

    def _attempt(self, db: Session, mail_id: str, attempt: int) -> None:
        """Deliver a claimed message and record it. Raises DeliveryFailed, also for unexpected errors."""
        try:
            delivery = self._compose(db, db.get_one(Mail, mail_id))
            db.rollback()
            if delivery is not None:
                delivery()
        except DeliveryFailed:
            raise
        except Exception as error:
            log.exception("message %s could not be delivered", mail_id)
            raise DeliveryFailed(type(error).__name__) from None
        with write_transaction(db):
            if delivery is None:
                outbox.discard(db, mail_id)
            else:
                outbox.mark_sent(db, mail_id, attempt)

    def _report(self, db: Session, mail_id: str, attempt: int, kind: str, error: DeliveryFailed) -> None:
        with write_transaction(db):
            final = outbox.mark_failed(db, mail_id, attempt, error.reason, permanent=error.permanent)
        if final:
            self._audit.record(Event.MAIL_FAILED, "failure", mail=mail_id, kind=kind, reason=error.reason)
        else:
            log.warning("message %s (%s) was not delivered: %s; it will be tried again", mail_id, kind, error.reason)


def _forget(db: Session) -> None:
    db.info.pop(QUEUED, None)
