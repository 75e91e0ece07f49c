"""Sessions: start, confirm, renew, end. Each function works inside the caller's transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, select, update
from sqlalchemy.orm import Session

from daypass.database.models import Account, AuthSession, database_now
from daypass.keys.rotation import signing_key_id
from daypass.net.client import Client
from daypass.sessions.ended import ENDED, EndedSession
from daypass.sessions.intervals import ACTIVITY_INTERVAL
from daypass.sessions.issuing import Lifetime, whole_seconds
from daypass.sessions.kinds import BROWSER, TRIAL
from daypass.tokens.claims import Claims

MAX_LIVE_SESSIONS = 20  # sessions of one account and kind; one more ends the oldest (ASVS 7.1.2)
KEEP_AFTER_EXPIRY = timedelta(days=7)  # after its last token ended; until then it can be looked up
BATCH = 500  # rows


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
    """A new session; the account's oldest make room for it. `roles` and `hosts` narrow what an API token may do."""
    live = select(AuthSession).where(*_live(account.id, now), AuthSession.kind == kind)
    live = live.order_by(AuthSession.created_at.desc(), AuthSession.id)
    for oldest in db.scalars(live.offset(MAX_LIVE_SESSIONS - 1)).all():
        end(db, oldest.id, "too_many")
    session = AuthSession(
        account=account,
        kind=kind,
        name=name[:64],
        roles=roles,
        hosts=hosts,
        kid=None if kind == TRIAL else signing_key_id(),  # a trial has keys of its own
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=lifetime.token),
        until_at=now + timedelta(seconds=lifetime.until),
        address=client.address[:64],
        user_agent=client.user_agent[:256],
    )
    db.add(session)
    db.flush()
    return session


def renew(db: Session, claims: Claims, *, now: datetime, idle: int) -> Claims | None:
    """Claims for a new token of the same session, good for `idle` seconds or until its end; None if it has ended.

    The row is changed only while the session is live, so a session that ends meanwhile stays ended.
    """
    account = db.get(Account, claims.subject)
    if account is None or account.disabled_at is not None:
        return None
    whole = whole_seconds(now)
    expires = min(whole + timedelta(seconds=idle), claims.until)
    live = update(AuthSession).where(AuthSession.id == claims.session_id, AuthSession.ended_at.is_(None))
    latest = case((AuthSession.expires_at > expires, AuthSession.expires_at), else_=expires)  # of two tabs at once
    renewed = live.where(AuthSession.until_at > now).values(expires_at=latest, last_seen_at=now, kid=signing_key_id())
    if not db.scalars(renewed.returning(AuthSession.id)).all():
        return None
    return replace(claims, name=account.name, roles=tuple(account.roles), issued_at=whole, expires_at=expires)


def record_signing_key(db: Session, session_id: str) -> None:
    """Note that the latest token of the session is signed with the key that signs now."""
    db.execute(update(AuthSession).where(AuthSession.id == session_id).values(kid=signing_key_id()))


def record_activity(db: Session, session_id: str, now: datetime) -> None:
    """Note that the session was used; at most once in five minutes."""
    used = update(AuthSession).where(AuthSession.id == session_id, AuthSession.last_seen_at < now - ACTIVITY_INTERVAL)
    db.execute(used.values(last_seen_at=now))


def rename(db: Session, account_id: str, session_id: str, name: str) -> bool:
    """Give one of the account's own sessions a name; False if it is not theirs."""
    own = update(AuthSession).where(AuthSession.id == session_id, AuthSession.account_id == account_id)
    return bool(db.scalars(own.values(name=name.strip()[:64]).returning(AuthSession.id)).all())


def list_sessions(db: Session, account_id: str, now: datetime, ended_since: timedelta) -> list[AuthSession]:
    """The account's live sessions, and those that ended lately; the one seen last comes first. Trials are left out."""
    live = AuthSession.ended_at.is_(None) & (AuthSession.expires_at > now)
    shown = select(AuthSession).where(AuthSession.account_id == account_id, AuthSession.kind != TRIAL)
    shown = shown.where(live | (AuthSession.ended_at > now - ended_since))
    return list(db.scalars(shown.order_by(AuthSession.last_seen_at.desc(), AuthSession.id)))


def end(db: Session, session_id: str, reason: str) -> bool:
    """End one session, by the database's clock; False if it had ended before or never was."""
    return _end(db, reason, AuthSession.id == session_id) == 1


def end_own(db: Session, account_id: str, session_id: str, reason: str) -> bool:
    """End one of the account's own sessions; False for another's (ASVS 8.2.2)."""
    return _end(db, reason, (AuthSession.id == session_id) & (AuthSession.account_id == account_id)) == 1


def end_all(db: Session, account_id: str, reason: str, *, keep: str | None = None) -> int:
    """End every session of an account, but for the one to keep; returns how many that were."""
    which = AuthSession.account_id == account_id
    return _end(db, reason, which if keep is None else which & (AuthSession.id != keep))


def end_everyone(db: Session, reason: str) -> int:
    """End every session there is; returns how many that were."""
    return _end(db, reason, AuthSession.id.is_not(None))


def end_live(db: Session, reason: str, which: ColumnElement[bool]) -> int:
    """End the sessions that this is true of, but for those that expired; returns how many that were."""
    return _end(db, reason, which & (AuthSession.expires_at > database_now()))


def delete_trial(db: Session, session_id: str) -> None:
    """Delete a trial, as if it had never been; no token of it can be good afterwards."""
    db.execute(delete(AuthSession).where(AuthSession.id == session_id, AuthSession.kind == TRIAL))


def prune(db: Session, now: datetime) -> int:
    """Delete a batch of the sessions whose tokens are long dead; returns how many, 0 when none is left."""
    dead = select(AuthSession.id).where(AuthSession.expires_at < now - KEEP_AFTER_EXPIRY).limit(BATCH)
    return len(db.scalars(delete(AuthSession).where(AuthSession.id.in_(dead)).returning(AuthSession.id)).all())


def _end(db: Session, reason: str, which: ColumnElement[bool]) -> int:
    statement = update(AuthSession).where(AuthSession.ended_at.is_(None), which)
    statement = statement.values(ended_at=database_now(), end_reason=reason)
    rows = db.execute(statement.returning(AuthSession.id, AuthSession.created_at, AuthSession.until_at)).all()
    ended = [EndedSession(session_id, until - created_at) for session_id, created_at, until in rows]
    db.info.setdefault(ENDED, []).extend(ended)
    return len(ended)


def _live(account_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return AuthSession.account_id == account_id, AuthSession.ended_at.is_(None), AuthSession.expires_at > now
