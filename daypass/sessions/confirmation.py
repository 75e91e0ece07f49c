"""Confirm a token's claims against the database, once per token and process."""

from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from daypass.database.errors import DatabaseLost, is_lost
from daypass.database.models import Account, AuthSession
from daypass.errors import ServiceUnavailable
from daypass.sessions.issuing import PURPOSES, session_hosts, session_roles, whole_seconds
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault

# built once, since building a statement takes longer than running it
FOUND = (
    select(
        *(AuthSession.kind, AuthSession.roles, AuthSession.hosts, AuthSession.ended_at),
        *(AuthSession.created_at, AuthSession.expires_at, AuthSession.until_at),
        Account.id.label("account_id"),
        Account.name.label("account_name"),
        Account.roles.label("account_roles"),
        Account.disabled_at,
        Account.ends_at,
    )
    .outerjoin(AuthSession.account)
    .where(AuthSession.id == bindparam("session_id"))
)


class Confirmation:
    """Confirms claims, each time on a connection of its own. It loads no objects, which would take longer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, claims: Claims) -> None:
        """Raise InvalidToken if the database contradicts the claims.

        Raises DatabaseLost if the database is unreachable, ServiceUnavailable if it fails for another reason.
        """
        try:
            with self._engine.connect() as connection:
                confirm(connection, claims)
        except SQLAlchemyError as error:
            if is_lost(error):
                raise DatabaseLost(f"database: {type(error).__name__}") from error
            raise ServiceUnavailable(f"database: {type(error).__name__}") from error


def confirm(db: Session | Connection, claims: Claims) -> None:
    """Compare verified claims with the session and its account. Raises InvalidToken if they differ.

    Once per token and process is enough: every later change ends the session, and `Revocations` detects that.
    """
    session = db.execute(FOUND, {"session_id": claims.session_id}).one_or_none()
    if session is None:
        raise InvalidToken("no such session")
    if session.ended_at is not None or session.account_id is None or session.disabled_at is not None:
        raise InvalidToken("session ended", TokenFault.ENDED, claims)
    if session.account_id != claims.subject or PURPOSES[session.kind] != claims.purpose:
        raise InvalidToken("the session is of another account or kind")
    roles = session_roles(session.roles, session.account_roles)
    if (session.account_name, roles) != (claims.name, claims.roles):
        raise InvalidToken("name or roles differ from the account's")
    if session_hosts(session.hosts) != claims.hosts:
        raise InvalidToken("hosts differ from the session's")
    if not whole_seconds(session.created_at) == claims.auth_time <= claims.issued_at:
        raise InvalidToken("the token is older than its session")
    if claims.expires_at > session.expires_at or claims.until > session.until_at:
        raise InvalidToken("the token would outlive its session")
    if session.ends_at is not None and claims.until > session.ends_at:  # started by a node of an older version
        raise InvalidToken("the token would outlive its account", TokenFault.ENDED)
