"""The claims of a session's token."""

from collections.abc import Sequence
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
        roles=session_roles(session.roles, account.roles),
        auth_time=started,
        issued_at=started,
        expires_at=whole_seconds(session.expires_at),
        until=whole_seconds(session.until_at),
        hosts=session_hosts(session.hosts),
    )


def whole_seconds(moment: datetime) -> datetime:
    """Round down to whole seconds, the precision of tokens."""
    return moment.replace(microsecond=0)


def session_roles(own: Sequence[str] | None, of_account: Sequence[str]) -> tuple[str, ...]:
    """The roles in a session's token: those of its account, limited to its own if it has any."""
    return tuple(of_account if own is None else (role for role in own if role in of_account))


def session_hosts(own: Sequence[str] | None) -> tuple[str, ...] | None:
    """The hosts in a session's token."""
    return None if own is None else tuple(own)
