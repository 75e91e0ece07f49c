"""Confirm a token's claims against the database, once per token and process."""

from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.database.errors import DatabaseLost, is_lost
from daypass.database.models import Account, AuthSession
from daypass.errors import ServiceUnavailable
from daypass.sessions.issuing import PURPOSES, session_hosts, session_roles, whole_seconds
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault

# built once, since building a statement takes longer than running it
FOUND = select(AuthSession, Account).outerjoin(AuthSession.account).where(AuthSession.id == bindparam("session_id"))


class Confirmation:
    """Confirms claims, each time in a new database session."""

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._session_factory = session_factory

    def __call__(self, claims: Claims) -> None:
        """Raise InvalidToken if the database contradicts the claims.

        Raises DatabaseLost if the database is unreachable, ServiceUnavailable if it fails for another reason.
        """
        try:
            with self._session_factory() as db:
                confirm(db, claims)
        except SQLAlchemyError as error:
            if is_lost(error):
                raise DatabaseLost(f"database: {type(error).__name__}") from error
            raise ServiceUnavailable(f"database: {type(error).__name__}") from error


def confirm(db: Session, claims: Claims) -> None:
    """Compare verified claims with the session and its account. Raises InvalidToken if they differ.

    Once per token and process is enough: every later change ends the session, and `Revocations` detects that.
    """
    found = db.execute(FOUND, {"session_id": claims.session_id}).one_or_none()
    if found is None:
        raise InvalidToken("no such session")
    session, account = found
    if session.ended_at is not None or account is None or account.disabled_at is not None:
        raise InvalidToken("session ended", TokenFault.ENDED)
    if account.id != claims.subject or PURPOSES[session.kind] != claims.purpose:
        raise InvalidToken("the session is of another account or kind")
    if (account.name, session_roles(session, account)) != (claims.name, claims.roles):
        raise InvalidToken("name or roles differ from the account's")
    if session_hosts(session) != claims.hosts:
        raise InvalidToken("hosts differ from the session's")
    if not whole_seconds(session.created_at) == claims.auth_time <= claims.issued_at:
        raise InvalidToken("the token is older than its session")
    if claims.expires_at > session.expires_at or claims.until > session.until_at:
        raise InvalidToken("the token would outlive its session")
