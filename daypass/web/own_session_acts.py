"""Acts on one of the visitor's own sessions or API tokens: find it, name it, revoke it."""

from flask import request
from werkzeug.wrappers import Response

from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.sessions import lifecycle
from daypass.sessions.errors import NoSuchSession
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.current_pass import current_claims
from daypass.web.flash import redirect_with_message
from daypass.web.session_cards import SessionCard, own_cards


def live_card(kind: str, session_id: str) -> SessionCard:
    """One of the visitor's live sessions of this kind. Raises NoSuchSession."""
    card = own_cards(current_claims(), kind).find_live(session_id)
    if card is None:
        raise NoSuchSession("not one of this account's live sessions")
    return card


def revoke(session_id: str, message: str, page: str) -> Response:
    """Revoke a session, and lead to the page (an endpoint) with this message. Raises NoSuchSession."""
    with write_transaction(current_db()):
        ended = lifecycle.end_own(current_db(), current_claims().subject, session_id, "ended_by_owner")
    return _report(Event.SESSION_ENDED, session_id, ended, message, page)


def rename(session_id: str, page: str) -> Response:
    """Give a session the name in the request's form; an empty one removes the former name. Raises NoSuchSession."""
    new = request.form.get("name", "")  # read the body before the transaction: it may never arrive
    with write_transaction(current_db()):
        named = lifecycle.rename(current_db(), current_claims().subject, session_id, new)
    return _report(Event.SESSION_NAMED, session_id, named, "The name was saved.", page)


def _report(event: Event, session_id: str, done: bool, message: str, page: str) -> Response:
    if not done:
        raise NoSuchSession("not one of this account's sessions")
    claims = current_claims()
    audit.record(event, "success", account=claims.subject, session=session_id)
    return redirect_with_message(current_runtime().settings, claims.session_id, message, page)
