"""Sessions: start, confirm, renew, end. Each function works inside the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, select, update
from sqlalchemy.orm import Session, joinedload

from daypass.errors import Fault, InvalidToken
from daypass.models import Account, AuthSession, database_now
from daypass.seen import SEEN_EVERY
from daypass.tokens import API, SESSION, Claims

MOST_LIVE = 20  # sessions of one account and kind; one more ends the oldest (ASVS 7.1.2)
LONG_DEAD = timedelta(days=7)  # after its last token ended; until then it can be looked up
BATCH = 500  # rows
BROWSER, PROGRAM, TRIAL = "browser", "api", "trial"  # kinds of sessions; the last is the attack gallery's
PURPOSES = {BROWSER: SESSION, PROGRAM: API, TRIAL: SESSION}  # and what their tokens are for


@dataclass(frozen=True)
class Client:
    """Who asks: the network address and the User-Agent, as far as they can be known."""

    address: str
    user_agent: str


@dataclass(frozen=True)
class Lifetime:
    """For how long a session's token is good, and for how long it may be renewed, in seconds."""

    token: int
    until: int


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
    for oldest in db.scalars(live.offset(MOST_LIVE - 1)).all():
        end(db, oldest.id, "too_many")
    session = AuthSession(
        account=account,
        kind=kind,
        name=name[:64],
        roles=roles,
        hosts=hosts,
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


def claims_of(session: AuthSession, account: Account, *, issuer: str) -> Claims:
    """What the token of a new session says."""
    started = _whole(session.created_at)
    return Claims(
        issuer=issuer,
        purpose=PURPOSES[session.kind],
        subject=account.id,
        session_id=session.id,
        name=account.name,
        roles=_roles(session, account),
        auth_time=started,
        issued_at=started,
        expires_at=_whole(session.expires_at),
        until=_whole(session.until_at),
        hosts=_hosts(session),
    )


def confirm(db: Session, claims: Claims) -> None:
    """Hold claims whose signature is good to what the database knows; raises InvalidToken.

    Done once for each token and process: whatever changes afterwards ends the session, which revocation tells.
    """
    session = db.get(AuthSession, claims.session_id, options=[joinedload(AuthSession.account)])
    if session is None:
        raise InvalidToken("no such session")
    account = session.account
    if session.ended_at is not None or account is None or account.disabled_at is not None:
        raise InvalidToken("session ended", Fault.ENDED)
    if account.id != claims.subject or PURPOSES[session.kind] != claims.purpose:
        raise InvalidToken("the session is another's, or of another kind")
    if (account.name, _roles(session, account)) != (claims.name, claims.roles):
        raise InvalidToken("name or roles are not the account's")
    if _hosts(session) != claims.hosts:
        raise InvalidToken("hosts are not the session's")
    if not _whole(session.created_at) == claims.auth_time <= claims.issued_at:
        raise InvalidToken("the token is older than its session")
    if claims.expires_at > session.expires_at or claims.until > session.until_at:
        raise InvalidToken("the token would outlive its session")


def renew(db: Session, claims: Claims, *, now: datetime, idle: int) -> Claims | None:
    """Claims for a new token of the same session, good for `idle` seconds or until its end; None if it has ended.

    The row is changed only while the session is live, so a session that ends meanwhile stays ended.
    """
    account = db.get(Account, claims.subject)
    if account is None or account.disabled_at is not None:
        return None
    whole = _whole(now)
    expires = min(whole + timedelta(seconds=idle), claims.until)
    live = update(AuthSession).where(AuthSession.id == claims.session_id, AuthSession.ended_at.is_(None))
    latest = case((AuthSession.expires_at > expires, AuthSession.expires_at), else_=expires)  # of two tabs at once
    renewed = live.where(AuthSession.until_at > now).values(expires_at=latest, last_seen_at=now)
    if not db.scalars(renewed.returning(AuthSession.id)).all():
        return None
    return replace(claims, name=account.name, roles=tuple(account.roles), issued_at=whole, expires_at=expires)


def see(db: Session, session_id: str, now: datetime) -> None:
    """Note that the session was used; at most once in five minutes."""
    used = update(AuthSession).where(AuthSession.id == session_id, AuthSession.last_seen_at < now - SEEN_EVERY)
    db.execute(used.values(last_seen_at=now))


def rename(db: Session, account_id: str, session_id: str, name: str) -> bool:
    """Give one of the account's own sessions a name; False if it is not theirs."""
    own = update(AuthSession).where(AuthSession.id == session_id, AuthSession.account_id == account_id)
    return bool(db.scalars(own.values(name=name.strip()[:64]).returning(AuthSession.id)).all())


def of_account(db: Session, account_id: str, now: datetime, ended_since: timedelta) -> list[AuthSession]:
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


def end_everybodys(db: Session, reason: str) -> int:
    """End every session there is; returns how many that were."""
    return _end(db, reason, AuthSession.id.is_not(None))


def forget(db: Session, session_id: str) -> None:
    """Delete a trial, as if it had never been; no token of it can be good afterwards."""
    db.execute(delete(AuthSession).where(AuthSession.id == session_id, AuthSession.kind == TRIAL))


def prune(db: Session, now: datetime) -> int:
    """Delete a batch of the sessions whose tokens are long dead; returns how many, 0 when none is left."""
    dead = select(AuthSession.id).where(AuthSession.expires_at < now - LONG_DEAD).limit(BATCH)
    return len(db.scalars(delete(AuthSession).where(AuthSession.id.in_(dead)).returning(AuthSession.id)).all())


def _whole(moment: datetime) -> datetime:
    """The moment as a token tells it: in whole seconds, rounded down."""
    return moment.replace(microsecond=0)


def _roles(session: AuthSession, account: Account) -> tuple[str, ...]:
    return tuple(account.roles if session.roles is None else (role for role in session.roles if role in account.roles))


def _hosts(session: AuthSession) -> tuple[str, ...] | None:
    return None if session.hosts is None else tuple(session.hosts)


def _end(db: Session, reason: str, which: ColumnElement[bool]) -> int:
    statement = update(AuthSession).where(AuthSession.ended_at.is_(None), which)
    ended = statement.values(ended_at=database_now(), end_reason=reason).returning(AuthSession.id)
    return len(db.scalars(ended).all())


def _live(account_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return AuthSession.account_id == account_id, AuthSession.ended_at.is_(None), AuthSession.expires_at > now
