"""Sign out: end the session of the current request."""

from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.gate import Pass
from daypass.sessions import lifecycle
from daypass.web import audit
from daypass.web.context import current_db


def end_session(admitted: Pass) -> None:
    """End the session, so that every copy of its token is refused."""
    db, claims = current_db(), admitted.claims
    with write_transaction(db):
        lifecycle.end(db, claims.session_id, "signed_out")
    audit.record(Event.SIGN_OUT, "success", account=claims.subject, session=claims.session_id)
