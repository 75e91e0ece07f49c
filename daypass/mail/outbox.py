"""The table of outgoing messages. Each function works inside the caller's transaction.

A message is written in the transaction of the act that causes it, so it exists exactly if the act was committed. To
claim one is to take a lease: if the process dies before it reports the result, another one sends the message again.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from daypass.database.models import Mail, database_now, new_id
from daypass.mail.kinds import MAIL, Kind

QUEUED = "daypass_mail_queued"  # key of `Session.info`: whether the transaction wrote a message that is due
LEASE = timedelta(minutes=2)  # longer than any delivery takes
KEEP_FINISHED = timedelta(days=7)
MAX_REQUESTS = 1000  # reset requests that may wait
# Pauses after failed attempts. They add up to nearly a day; then the message has failed.
PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600))
WAITING, SENT, FAILED = "waiting", "sent", "failed"


def put(
    db: Session,
    kind: Kind,
    account_id: str,
    recipient: str,
    *,
    channel: str = MAIL,
    link_id: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> str:
    """Write a message, and return its id."""
    mail = Mail(
        id=new_id(),
        channel=channel,
        kind=kind,
        account_id=account_id,
        recipient=recipient,
        link_id=link_id,
        facts=dict(facts or {}),
    )
    db.add(mail)
    db.flush()
    db.info[QUEUED] = True
    return mail.id


def replace(db: Session, kind: Kind, account_id: str, recipient: str, *, link_id: str) -> str:
    """Write a message in place of those of the same kind and account that are still waiting."""
    waiting = (Mail.state == WAITING) & (Mail.kind == kind) & (Mail.account_id == account_id)
    db.execute(delete(Mail).where(waiting))
    return put(db, kind, account_id, recipient, link_id=link_id)


def put_request(db: Session, typed: str) -> None:
    """Write what a visitor typed to reset a password. The same statements run for every text and for any accounts.

    It replaces a waiting request with the same text. While MAX_REQUESTS are waiting, it is dropped.
    """
    requests = (Mail.state == WAITING) & (Mail.kind == Kind.RESET_REQUEST)
    db.execute(delete(Mail).where(requests, Mail.recipient == typed))
    if (db.scalar(select(func.count()).select_from(Mail).where(requests)) or 0) >= MAX_REQUESTS:
        return
    db.add(Mail(channel=MAIL, kind=Kind.RESET_REQUEST, recipient=typed, facts={}))
    db.flush()
    db.info[QUEUED] = True


def count_recent(db: Session, kind: Kind, account_id: str, recipient: str, period: timedelta) -> int:
    """How many messages of this kind were written within the period, for the account or to the recipient."""
    same = (Mail.kind == kind) & or_(Mail.account_id == account_id, Mail.recipient == recipient)
    now = db.scalars(select(database_now())).one()
    return db.scalar(select(func.count()).select_from(Mail).where(same, Mail.created_at > now - period)) or 0


def is_any_due(db: Session) -> bool:
    """Whether a message waits for delivery now."""
    due = (Mail.state == WAITING) & (Mail.next_attempt_at <= database_now())
    return db.scalar(select(Mail.id).where(due).limit(1)) is not None


def take_requests(db: Session, limit: int) -> list[str]:
    """Remove waiting reset requests, the oldest first; returns what was typed."""
    waiting = (Mail.state == WAITING) & (Mail.kind == Kind.RESET_REQUEST)
    rows = db.scalars(
        select(Mail).where(waiting).order_by(Mail.created_at, Mail.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        db.delete(row)
    db.flush()
    return [row.recipient for row in rows]


def claim(db: Session) -> Mail | None:
    """Lease the message that has been due for longest; None if none is due. No other process gets it meanwhile."""
    due = (Mail.state == WAITING) & (Mail.kind != Kind.RESET_REQUEST) & (Mail.next_attempt_at <= database_now())
    oldest = select(Mail).where(due).order_by(Mail.next_attempt_at, Mail.id).limit(1)
    mail = db.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()
    if mail is not None:
        mail.attempts += 1
        mail.next_attempt_at = db.scalars(select(database_now())).one() + LEASE
        db.flush()
    return mail


def mark_sent(db: Session, mail_id: str, attempt: int) -> None:
    """Record the delivery, unless the lease of this attempt has ended and another process has the message."""
    _change(db, mail_id, attempt, state=SENT, finished_at=database_now(), last_error=None)


def mark_failed(db: Session, mail_id: str, attempt: int, reason: str, *, permanent: bool) -> bool:
    """Record a failed attempt. Returns whether it was the last one; otherwise the next one follows after a pause."""
    if permanent or attempt > len(PAUSES):
        _change(db, mail_id, attempt, state=FAILED, finished_at=database_now(), last_error=reason)
        return True
    next_attempt = db.scalars(select(database_now())).one() + PAUSES[attempt - 1]
    _change(db, mail_id, attempt, next_attempt_at=next_attempt, last_error=reason)
    return False


def discard(db: Session, mail_id: str) -> None:
    """Delete a message that has become pointless, such as one with a link that a newer one replaced."""
    db.execute(delete(Mail).where(Mail.id == mail_id))


def list_latest(db: Session, limit: int) -> Sequence[Mail]:
    """List the latest messages, the newest first."""
    return db.scalars(select(Mail).order_by(Mail.created_at.desc(), Mail.id).limit(limit)).all()


def count_by_state(db: Session) -> dict[tuple[str, str], int]:
    """The number of messages by channel and state."""
    rows = db.execute(select(Mail.channel, Mail.state, func.count()).group_by(Mail.channel, Mail.state))
    return {(channel, state): count for channel, state, count in rows}


def oldest_waiting(db: Session) -> dict[str, float]:
    """By channel, for how many seconds the oldest message has been waiting."""
    waiting = select(Mail.channel, func.min(Mail.created_at)).where(Mail.state == WAITING).group_by(Mail.channel)
    now = db.scalars(select(database_now())).one()
    return {channel: max(0.0, (now - created).total_seconds()) for channel, created in db.execute(waiting)}


def delete_old(db: Session) -> None:
    """Delete the messages that were sent, or failed, KEEP_FINISHED ago."""
    now = db.scalars(select(database_now())).one()
    db.execute(delete(Mail).where(Mail.finished_at < now - KEEP_FINISHED))


def _change(db: Session, mail_id: str, attempt: int, **values: object) -> None:
    own = update(Mail).where(Mail.id == mail_id, Mail.attempts == attempt, Mail.state == WAITING)
    db.execute(own.values(**values))
