"""Start, renew, list and end sessions. Each function works inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, func, select, update
from sqlalchemy.orm import Session

from daypass.database.change_detector import mark_changed
from daypass.database.models import Account, AuthSession, database_now
from daypass.keys.rotation import SIGNING_KEY_ID
from daypass.net.client import Client
from daypass.sessions.ended import ENDED, EndedSession
from daypass.sessions.issuing import Lifetime, whole_seconds
from daypass.sessions.kinds import BROWSER, TRIAL
from daypass.tokens.claims import Claims

MAX_LIVE_SESSIONS = 20  # per account and kind; a further one ends the oldest (ASVS 7.1.2)
KEEP_AFTER_EXPIRY = timedelta(days=7)  # an expired session is kept this long, so that it can be looked up
BATCH = 500  # rows
END_BATCH = 10_000  # rows: 0.15 s on PostgreSQL; every process reads the ended sessions again after each batch


class ListedSession(NamedTuple):
    """What lists of sessions show of a session: columns of its row. Unlike the row, it cannot change."""

    id: str
    kind: str
    name: str
    roles: tuple[str, ...] | None
    hosts: tuple[str, ...] | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    until_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    address: str
    user_agent: str


# Statements are built once, which takes longer than running them.
LISTED = (
    select(*(getattr(AuthSession, column) for column in ListedSession._fields))
    .where(AuthSession.account_id == bindparam("account"), AuthSession.kind != TRIAL)
    .where(
        (AuthSession.ended_at.is_(None) & (AuthSession.expires_at > bindparam("now")))
        | (AuthSession.ended_at > bindparam("since"))
    )
    .order_by(AuthSession.last_seen_at.desc(), AuthSession.id)
)
SURPLUS = AuthSession.id.in_(
    select(AuthSession.id)
    .where(AuthSession.account_id == bindparam("account"), AuthSession.kind == bindparam("of_kind"))
    .where(AuthSession.ended_at.is_(None), AuthSession.expires_at > bindparam("now"))
    .order_by(AuthSession.created_at.desc(), AuthSession.id)
    .offset(bindparam("kept"))
)
END = (
    update(AuthSession)
    .where(AuthSession.ended_at.is_(None))
    .values(ended_at=database_now(), end_reason=bindparam("reason"))
    .returning(AuthSession.id, AuthSession.created_at, AuthSession.until_at)
    .execution_options(synchronize_session=False)
)


def start(
    db: Session,
    account: Account,
    *,
    client: Client,
    now: datetime,
    lifetime: Lifetime,
    kind: str = BROWSER,
    name: str = "",
    roles: list[str] | None = None,
    hosts: list[str] | None = None,
) -> AuthSession:
    """Start a session, and end the account's oldest if there are too many. `roles` and `hosts` limit an API token."""
    _end(db, "too_many", SURPLUS, account=account.id, of_kind=kind, now=now, kept=MAX_LIVE_SESSIONS - 1)
    session = AuthSession(
        account=account,
        kind=kind,
        name=name[:64],
        roles=roles,
        hosts=hosts,
        kid=None if kind == TRIAL else SIGNING_KEY_ID,  # trials have their own keys
        created_at=now,
        last_seen_at=now,
        expires_at=_limited(now + timedelta(seconds=lifetime.token), account),
        until_at=_limited(now + timedelta(seconds=lifetime.until), account),
        address=client.address[:64],
        user_agent=client.user_agent[:256],
    )
    db.add(session)
    db.flush()
    return session


def _limited(moment: datetime, account: Account) -> datetime:
    """The moment, or the end date of the account if that is earlier."""
    return moment if account.ends_at is None else min(moment, account.ends_at)


def renew(db: Session, claims: Claims, *, now: datetime, idle: int) -> Claims | None:
    """Claims for a new token, valid for `idle` seconds or until the session's end; None if it has ended.

    The row is updated only if the session is active, so a session that ends at the same time stays ended.
    """
    account = db.get(Account, claims.subject)
    if account is None or account.disabled_at is not None:
        return None
    whole = whole_seconds(now)
    expires = min(whole + timedelta(seconds=idle), claims.until)
    live = update(AuthSession).where(AuthSession.id == claims.session_id, AuthSession.ended_at.is_(None))
    latest = case(
        (AuthSession.expires_at > expires, AuthSession.expires_at), else_=expires
    )  # two tabs may renew at once
    renewed = live.where(AuthSession.until_at > now).values(expires_at=latest, last_seen_at=now, kid=SIGNING_KEY_ID)
    if not db.scalars(renewed.returning(AuthSession.id)).all():
        return None
    return replace(claims, name=account.name, roles=tuple(account.roles), issued_at=whole, expires_at=expires)


def record_signing_key(db: Session, session_id: str) -> None:
    """Record that the session's latest token is signed with the current signing key."""
    db.execute(update(AuthSession).where(AuthSession.id == session_id).values(kid=SIGNING_KEY_ID))


def rename(db: Session, account_id: str, session_id: str, name: str) -> bool:
    """Name one of the account's sessions; False if it belongs to another account."""
    own = update(AuthSession).where(AuthSession.id == session_id, AuthSession.account_id == account_id)
    return bool(db.scalars(own.values(name=name.strip()[:64]).returning(AuthSession.id)).all())


def list_sessions(
    db: Session | Connection, account_id: str, now: datetime, ended_since: timedelta
) -> list[ListedSession]:
    """List active and recently ended sessions, the most recently used first, without trials."""
    rows = db.execute(LISTED, {"account": account_id, "now": now, "since": now - ended_since})
    return [ListedSession._make(tuple(value) if isinstance(value, list) else value for value in row) for row in rows]


def end(db: Session, session_id: str, reason: str) -> bool:
    """End a session, at the database's time; False if it has ended already or does not exist."""
    return _end(db, reason, AuthSession.id == session_id) == 1


def end_own(db: Session, account_id: str, session_id: str, reason: str) -> bool:
    """End one of the account's sessions; False if it belongs to another account (ASVS 8.2.2)."""
    return _end(db, reason, (AuthSession.id == session_id) & (AuthSession.account_id == account_id)) == 1


def end_all(db: Session, account_id: str, reason: str, *, keep: str | None = None, kind: str | None = None) -> int:
    """End all sessions of an account, or those of one kind, except `keep`; returns how many."""
    which = AuthSession.account_id == account_id
    if kind is not None:
        which &= AuthSession.kind == kind
    return _end(db, reason, which if keep is None else which & (AuthSession.id != keep))


def end_outlasting(db: Session, account_id: str, reason: str, moment: datetime) -> int:
    """End the sessions of an account that may last longer than this moment; returns how many."""
    return _end(db, reason, (AuthSession.account_id == account_id) & (AuthSession.until_at > moment))


def end_everyone(db: Session, reason: str) -> int:
    """End the sessions of all accounts by one statement, whatever time it takes; returns how many."""
    return _end(db, reason, AuthSession.id.is_not(None))


def end_batch(db: Session, reason: str) -> int:
    """End one batch of the sessions of all accounts; returns how many, 0 if none is left."""
    batch = select(AuthSession.id).where(AuthSession.ended_at.is_(None)).limit(END_BATCH)
    return _end(db, reason, AuthSession.id.in_(batch))


def end_live(db: Session, reason: str, which: ColumnElement[bool]) -> int:
    """End the matching sessions that have not expired; returns how many."""
    return _end(db, reason, which & (AuthSession.expires_at > database_now()))


def count_live(db: Session, which: ColumnElement[bool]) -> int:
    """How many of the matching sessions are live."""
    live = AuthSession.ended_at.is_(None) & (AuthSession.expires_at > database_now())
    return db.scalars(select(func.count()).select_from(AuthSession).where(which, live)).one()


def count_outlasting(db: Session, account_id: str, moment: datetime) -> int:
    """How many live sessions of an account may last longer than this moment, without trials."""
    outlasting = (AuthSession.account_id == account_id) & (AuthSession.until_at > moment)
    return count_live(db, outlasting & (AuthSession.kind != TRIAL))


def live_counts(db: Session, account_ids: Sequence[str], now: datetime) -> dict[str, int]:
    """How many live sessions these accounts have, without trials, by account; those without sessions are missing.

    The condition is no part of WHERE: SQLite would look for it in an index that has the sessions of all accounts.
    """
    live = (AuthSession.kind != TRIAL) & AuthSession.ended_at.is_(None) & (AuthSession.expires_at > now)
    counts = select(AuthSession.account_id, func.count().filter(live)).where(AuthSession.account_id.in_(account_ids))
    return {str(account_id): count for account_id, count in db.execute(counts.group_by(AuthSession.account_id))}


def delete_trial(db: Session, session_id: str) -> None:
    """Delete a trial. Its tokens are invalid afterwards."""
    db.execute(delete(AuthSession).where(AuthSession.id == session_id, AuthSession.kind == TRIAL))


def prune(db: Session, now: datetime) -> int:
    """Delete one batch of sessions that expired KEEP_AFTER_EXPIRY ago; returns how many, 0 if none is left."""
    expired = select(AuthSession.id).where(AuthSession.expires_at < now - KEEP_AFTER_EXPIRY).limit(BATCH)
    return len(db.scalars(delete(AuthSession).where(AuthSession.id.in_(expired)).returning(AuthSession.id)).all())


def _end(db: Session, reason: str, which: ColumnElement[bool], **values: object) -> int:
    rows = db.execute(END.where(which), {"reason": reason} | values).all()
    ended = [EndedSession(session_id, until - created_at) for session_id, created_at, until in rows]
    db.info.setdefault(ENDED, []).extend(ended)
    if ended:
        mark_changed(db)
    return len(ended)
