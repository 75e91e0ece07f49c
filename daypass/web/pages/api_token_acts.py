"""Name and revoke API tokens."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.sessions import kinds, lifecycle
from daypass.sessions.errors import NoSuchSession
from daypass.web import audit
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import redirect_with_message
from daypass.web.gate import current_claims, token_required
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.session_cards import own_cards

pages = Blueprint("api_token_acts", __name__, url_prefix="/account/tokens")


@pages.get("/<session_id>/revoke")
@token_required
def confirm_revoke(session_id: str) -> str:
    """Say what revoking the token will do."""
    card = own_cards(current_claims(), kinds.API_TOKEN).find_live(session_id)
    if card is None:
        raise NoSuchSession("not one of this account's live tokens")
    return confirm_page(
        f"Revoke the token {card.session.name}?",
        [
            f"It is valid on {', '.join(card.hosts)}. The next request of every program that uses it is refused.",
            "This cannot be undone: the program needs a new token.",
        ],
        button="Revoke this token",
        action=url_for("api_token_acts.revoke", session_id=session_id),
        back=url_for("api_tokens.own_tokens"),
    )


@pages.post("/<session_id>/revoke")
@token_required(fresh=TEN_MINUTES, act="revoke this token")
def revoke(session_id: str) -> BaseResponse:
    """Revoke a token."""
    with write_transaction(current_db()):
        ended = lifecycle.end_own(current_db(), current_claims().subject, session_id, "ended_by_owner")
    return _done(Event.SESSION_ENDED, session_id, ended, "The token was revoked. Its next request is refused.")


@pages.post("/<session_id>/name")
@token_required
def name(session_id: str) -> BaseResponse:
    """Rename a token."""
    new = request.form.get("name", "")  # read the body before the transaction: it may never arrive
    with write_transaction(current_db()):
        named = lifecycle.rename(current_db(), current_claims().subject, session_id, new)
    return _done(Event.SESSION_NAMED, session_id, named, "The name was saved.")


def _done(event: Event, session_id: str, done: bool, message: str) -> BaseResponse:
    if not done:
        raise NoSuchSession("not one of this account's live tokens")
    audit.record(event, "success", account=current_claims().subject, session=session_id)
    return redirect_with_message(
        current_runtime().settings, current_claims().session_id, message, "api_tokens.own_tokens"
    )
