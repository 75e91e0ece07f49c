"""What the holder of a refused pass may know about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from daypass.accounts.status import ENDED, is_opened_by_mail, why_inactive
from daypass.database.models import Account
from daypass.sessions.session_end import SessionEnd, find_end
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web.context import current_connection, current_db, current_runtime
from daypass.web.end_reasons import end_reason_in_words

# the gate's own words, as a program gets them from other libraries; they follow "Invalid token: "
GATE_SAID = {
    TokenFault.MISSING: "no token was sent",
    TokenFault.EXPIRED: "the token has expired",
    TokenFault.ENDED: "the session of the token was ended",
    TokenFault.FORGED: "the token was changed, or was not issued by this site",
}
ACCOUNT_CLOSED = ("account_locked", "account_disabled", "end_date_set")  # reasons for ending all sessions


@dataclass(frozen=True)
class ClosedAccount:
    """An account that nobody can sign in to. opened_by_mail: whether its owner can open it, with a mailed link."""

    has_ended: bool
    opened_by_mail: bool


@dataclass(frozen=True)
class RefusedPass:
    """A pass that the gate refused. Of one with an invalid signature, only the fault is known.

    over_at: when it expired or was ended. end_reason: in words, as in "was ended because the password was changed".
    closed_account: that of the pass, if the pass is over because the account was closed, and it still is.
    """

    fault: TokenFault
    issued_at: datetime | None = None
    over_at: datetime | None = None
    end_reason: str | None = None
    closed_account: ClosedAccount | None = None

    @property
    def gate_said(self) -> str:
        return gate_said(self.fault)


def gate_said(fault: TokenFault) -> str:
    """The gate's exact message."""
    return f"{InvalidToken.title}: {GATE_SAID[fault]}"


def describe_refused_pass(error: InvalidToken) -> RefusedPass:
    """Describe the pass of a request that was refused."""
    claims = error.claims
    if claims is None:
        return RefusedPass(error.fault)
    if error.fault is TokenFault.EXPIRED:
        closed = _closed_account(claims.subject)
        ended = closed if closed and closed.has_ended else None
        return RefusedPass(error.fault, claims.issued_at, claims.expires_at, closed_account=ended)
    end = _find_end(claims.session_id)
    if end is None:
        return RefusedPass(error.fault, claims.issued_at)
    closed = _closed_account(claims.subject) if end.reason in ACCOUNT_CLOSED else None
    return RefusedPass(error.fault, claims.issued_at, end.ended_at, end_reason_in_words(end.reason), closed)


def _find_end(session_id: str) -> SessionEnd | None:
    """The end of the session; None while the database cannot be reached, since the page works without it."""
    try:
        return find_end(current_connection(), session_id)
    except SQLAlchemyError:
        return None


def _closed_account(account_id: str) -> ClosedAccount | None:
    """The account, if nobody can sign in to it; None while the database cannot be reached."""
    try:
        account = current_db().get(Account, account_id)
    except SQLAlchemyError:
        return None
    why = why_inactive(account) if account else None
    if account is None or why is None:
        return None
    opened_by_mail = current_runtime().settings.sends_mail and is_opened_by_mail(account)
    return ClosedAccount(why == ENDED, opened_by_mail)
