"""Name and revoke API tokens."""

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from daypass.sessions import kinds
from daypass.web import own_session_acts
from daypass.web.confirm_act import confirm_page
from daypass.web.gate import token_required
from daypass.web.own_session_acts import live_card
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES

pages = Blueprint("api_token_acts", __name__, url_prefix="/account/tokens")


@pages.get("/<session_id>/revoke")
@token_required
def confirm_revoke(session_id: str) -> str:
    """Say what revoking the token will do."""
    card = live_card(kinds.API_TOKEN, session_id)
    return confirm_page(
        f"Revoke the token {card.session.name}?",
        [
            f"It is valid on {', '.join(card.hosts)}. The next request of every program that uses it is refused.",
            "This cannot be undone: the program needs a new token.",
        ],
        button="Revoke this token",
        action=page_url("api_token_acts.revoke", session_id=session_id),
        back=page_url("api_tokens.own_tokens"),
    )


@pages.post("/<session_id>/revoke")
@token_required(fresh=TEN_MINUTES, act="revoke this token")
def revoke(session_id: str) -> BaseResponse:
    """Revoke a token."""
    return own_session_acts.revoke(
        session_id, "The token was revoked. Its next request is refused.", "api_tokens.own_tokens"
    )


@pages.post("/<session_id>/name")
@token_required
def name(session_id: str) -> BaseResponse:
    """Rename a token."""
    return own_session_acts.rename(session_id, "api_tokens.own_tokens")
