"""Sessions: start, confirm, end. Each function works inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, joinedload

from daypass.errors import Fault, InvalidToken
from daypass.models import Account, AuthSession, database_now
from daypass.tokens import SESSION, Claims

MOST_LIVE = 20  # sessions of one account; one more ends the oldest (ASVS 7.1.2)
BROWSER, API = "browser", "api"


@dataclass(frozen=True)
class Client:
    """Who asks: the network address and the User-Agent, as far as they can be known."""

    address: str
    user_agent: str


def start(
    db: Session, account: Account, *, client: Client, now: datetime, lifetime: int, kind: str = BROWSER
) -> AuthSession:
    """A new session of `lifetime` seconds; the account's oldest make room for it."""
    live = select(AuthSession).where(*_live(account.id, now)).order_by(AuthSession.created_at.desc(), AuthSession.id)
    for oldest in db.scalars(live.offset(MOST_LIVE - 1)).all():
        end(db, oldest.id, "too_many")
    session = AuthSession(
        account_id=account.id,
        kind=kind,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=lifetime),
        address=client.address[:64],
        user_agent=client.user_agent[:256],
    )
    db.add(session)
    db.flush()
    return session


def claims_of(session: AuthSession, account: Account, *, issuer: str) -> Claims:
    """What the token of a new session says."""
    start_of_second = session.created_at.replace(microsecond=0)
    end_of_token = session.expires_at.replace(microsecond=0)
    return Claims(
        issuer=issuer,
        purpose=SESSION,
        subject=account.id,
        session_id=session.id,
        name=account.name,
        roles=tuple(account.roles),
        auth_time=start_of_second,
        issued_at=start_of_second,
        expires_at=end_of_token,
        until=end_of_token,
    )


def confirm(db: Session, claims: Claims) -> None:
    """Hold claims whose signature is good to what the database knows; raises InvalidToken.

    Done once for each token and process: whatever changes afterwards ends the session, which revocation tells.
    """
    session = db.get(AuthSession, claims.session_id, options=[joinedload(AuthSession.account)])
    if session is None or session.account_id != claims.subject:
        raise InvalidToken("no such session")
    if session.ended_at is not None or session.account.disabled_at is not None:
        raise InvalidToken("session ended", Fault.ENDED)
    if (session.account.name, tuple(session.account.roles)) != (claims.name, claims.roles):
        raise InvalidToken("name or roles are not the account's")


def end(db: Session, session_id: str, reason: str) -> bool:
    """End one session, by the database's clock; False if it had ended before or never was."""
    return _end(db, reason, AuthSession.id == session_id) == 1


def end_all(db: Session, account_id: str, reason: str) -> int:
    """End every session of an account; returns how many that were."""
    return _end(db, reason, AuthSession.account_id == account_id)


def _end(db: Session, reason: str, which: ColumnElement[bool]) -> int:
    statement = update(AuthSession).where(AuthSession.ended_at.is_(None), which)
    ended = statement.values(ended_at=database_now(), end_reason=reason).returning(AuthSession.id)
    return len(db.scalars(ended).all())


def _live(account_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return AuthSession.account_id == account_id, AuthSession.ended_at.is_(None), AuthSession.expires_at > now
