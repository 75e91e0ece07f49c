"""What the holder of a refused pass may know about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from daypass.sessions.session_end import SessionEnd, find_end
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web.context import current_connection
from daypass.web.end_reasons import end_reason_in_words

# the gate's own words, as a program gets them from other libraries; they follow "Invalid token: "
GATE_SAID = {
    TokenFault.MISSING: "no token was sent",
    TokenFault.EXPIRED: "the token has expired",
    TokenFault.ENDED: "the session of the token was ended",
    TokenFault.FORGED: "the token was changed, or was not issued by this site",
}


@dataclass(frozen=True)
class RefusedPass:
    """A pass that the gate refused. Of one with an invalid signature, only the fault is known.

    over_at: when it expired or was ended. end_reason: in words, as in "was ended because the password was changed".
    """

    fault: TokenFault
    issued_at: datetime | None = None
    over_at: datetime | None = None
    end_reason: str | None = None

    @property
    def gate_said(self) -> str:
        """The gate's exact message."""
        return f"{InvalidToken.title}: {GATE_SAID[self.fault]}"


def describe_refused_pass(error: InvalidToken) -> RefusedPass:
    """Describe the pass of a request that was refused. Only an ended session is looked up in the database."""
    claims = error.claims
    if claims is None:
        return RefusedPass(error.fault)
    if error.fault is TokenFault.EXPIRED:
        return RefusedPass(error.fault, claims.issued_at, claims.expires_at)
    end = _find_end(claims.session_id)
    if end is None:
        return RefusedPass(error.fault, claims.issued_at)
    return RefusedPass(error.fault, claims.issued_at, end.ended_at, end_reason_in_words(end.reason))


def _find_end(session_id: str) -> SessionEnd | None:
    """The end of the session; None while the database cannot be reached, since the page works without it."""
    try:
        return find_end(current_connection(), session_id)
    except SQLAlchemyError:
        return None
