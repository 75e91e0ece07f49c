"""Sign out: end the session of the current request."""

from functools import partial

from flask import after_this_request, request

from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.gate import Pass
from daypass.sessions import lifecycle
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.sign_in import clear_session
from daypass.web.verdict import hide_visitor, visitor


def sign_out_visitor() -> bool:
    """End the session of the visitor, and clear the cookie with the response. Returns whether there was a session."""
    runtime = current_runtime()
    found = visitor(runtime, request.environ)
    if found is None:
        return False
    end_session(found)
    hide_visitor(request.environ)
    after_this_request(partial(clear_session, settings=runtime.settings))
    return True


def end_session(admitted: Pass) -> None:
    """End the session, so that every copy of its token is refused."""
    db, claims = current_db(), admitted.claims
    with write_transaction(db):
        lifecycle.end(db, claims.session_id, "signed_out")
    audit.record(Event.SIGN_OUT, "success", account=claims.subject, session=claims.session_id)
