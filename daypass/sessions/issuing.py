"""The claims of a session's token."""

from dataclasses import dataclass
from datetime import datetime

from daypass.database.models import Account, AuthSession
from daypass.sessions.kinds import API_TOKEN, BROWSER, TRIAL
from daypass.tokens.claims import Claims
from daypass.tokens.purposes import API, SESSION

PURPOSES = {BROWSER: SESSION, API_TOKEN: API, TRIAL: SESSION}  # by kind of session


@dataclass(frozen=True)
class Lifetime:
    """How long a session's token is valid, and how long the session may be renewed, in seconds."""

    token: int
    until: int


def session_claims(session: AuthSession, account: Account, *, issuer: str) -> Claims:
    """The claims of a new session's token."""
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


def whole_seconds(moment: datetime) -> datetime:
    """Round down to whole seconds, the precision of tokens."""
    return moment.replace(microsecond=0)


def session_roles(session: AuthSession, account: Account) -> tuple[str, ...]:
    return tuple(account.roles if session.roles is None else (role for role in session.roles if role in account.roles))


def session_hosts(session: AuthSession) -> tuple[str, ...] | None:
    return None if session.hosts is None else tuple(session.hosts)
