"""The claims of a session's token, and their confirmation against the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, joinedload

from daypass.database.models import Account, AuthSession
from daypass.sessions.kinds import API_TOKEN, BROWSER, TRIAL
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.tokens.purposes import API, SESSION

PURPOSES = {BROWSER: SESSION, API_TOKEN: API, TRIAL: SESSION}  # and what their tokens are for


@dataclass(frozen=True)
class Lifetime:
    """For how long a session's token is good, and for how long it may be renewed, in seconds."""

    token: int
    until: int


def session_claims(session: AuthSession, account: Account, *, issuer: str) -> Claims:
    """What the token of a new session says."""
    started = whole_seconds(session.created_at)
    return Claims(
        issuer=issuer,
        purpose=PURPOSES[session.kind],
        subject=account.id,
        session_id=session.id,
        name=account.name,
        roles=session_roles(session, account),
        auth_time=started,
        issued_at=started,
        expires_at=whole_seconds(session.expires_at),
        until=whole_seconds(session.until_at),
        hosts=session_hosts(session),
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
        raise InvalidToken("session ended", TokenFault.ENDED)
    if account.id != claims.subject or PURPOSES[session.kind] != claims.purpose:
        raise InvalidToken("the session is another's, or of another kind")
    if (account.name, session_roles(session, account)) != (claims.name, claims.roles):
        raise InvalidToken("name or roles are not the account's")
    if session_hosts(session) != claims.hosts:
        raise InvalidToken("hosts are not the session's")
    if not whole_seconds(session.created_at) == claims.auth_time <= claims.issued_at:
        raise InvalidToken("the token is older than its session")
    if claims.expires_at > session.expires_at or claims.until > session.until_at:
        raise InvalidToken("the token would outlive its session")


def whole_seconds(moment: datetime) -> datetime:
    """The moment as a token tells it: in whole seconds, rounded down."""
    return moment.replace(microsecond=0)


def session_roles(session: AuthSession, account: Account) -> tuple[str, ...]:
    return tuple(account.roles if session.roles is None else (role for role in session.roles if role in account.roles))


def session_hosts(session: AuthSession) -> tuple[str, ...] | None:
    return None if session.hosts is None else tuple(session.hosts)
