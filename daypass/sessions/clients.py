"""Whether a sign-in comes from a client that the account has not used before."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.database.models import AuthSession
from daypass.net.client import Client
from daypass.sessions.kinds import BROWSER


def is_new_client(db: Session, account_id: str, client: Client) -> bool:
    """Whether no recorded session of the account had this address and User-Agent. Call it before starting one."""
    known = select(AuthSession.id).where(
        AuthSession.account_id == account_id,
        AuthSession.kind == BROWSER,
        AuthSession.address == client.address[:64],
        AuthSession.user_agent == client.user_agent[:256],
    )
    return db.scalar(known.limit(1)) is None
