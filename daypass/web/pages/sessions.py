"""The sessions page: the browsers that are signed in to the visitor's account. They can be named and revoked."""

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.sessions import kinds, lifecycle
from daypass.web import audit
from daypass.web.confirm_act import confirm_page, refusal_page
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import redirect_with_message
from daypass.web.gate import current_claims, token_required
from daypass.web.own_session_acts import live_card, rename, revoke
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page
from daypass.web.session_cards import own_cards

pages = Blueprint("sessions", __name__, url_prefix="/account/sessions")

MAX_PASSES = 5  # with more sessions, the others are compact rows
NO_OTHERS = "No other browser is signed in to your account."


@pages.get("")
@token_required
def own_sessions() -> str:
    """List the active and the recently ended sessions."""
    cards = own_cards(current_claims(), kinds.BROWSER)
    as_passes = cards.live if len(cards.live) <= MAX_PASSES else cards.live[:1]
    return render_page(
        "daypass/pages/sessions.html",
        passes=as_passes,
        rows=cards.live[len(as_passes) :],
        ended=cards.ended,
        others=sum(not card.is_current for card in cards.live),
    )


@pages.get("/<session_id>/end")
@token_required
def confirm_end(session_id: str) -> str:
    """Say what revoking the session will do."""
    card = live_card(kinds.BROWSER, session_id)
    return confirm_page(
        f"Revoke {card.title}?",
        [
            f"{card.place}{f', {card.session.address}' if card.session.address else ''}.",
            "Its next request is refused. Whoever uses it needs your password to sign in again."
            if not card.is_current
            else "This is the browser that you use now: you are signed out.",
        ],
        button="Revoke this session",
        action=page_url("sessions.end", session_id=session_id),
        back=page_url("sessions.own_sessions"),
    )


@pages.post("/<session_id>/end")
@token_required(fresh=TEN_MINUTES, act="revoke this session")
def end(session_id: str) -> BaseResponse:
    """Revoke a session."""
    return revoke(session_id, "The session was revoked. Its next request is refused.", "sessions.own_sessions")


@pages.post("/<session_id>/name")
@token_required
def name(session_id: str) -> BaseResponse:
    """Name a session; an empty name removes the former one."""
    return rename(session_id, "sessions.own_sessions")


@pages.get("/end-others")
@token_required
def confirm_end_others() -> str:
    """Say what revoking all other sessions will do, or that there are none."""
    others = [card.title for card in own_cards(current_claims(), kinds.BROWSER).live if not card.is_current]
    tokens = len(own_cards(current_claims(), kinds.API_TOKEN).live)
    if not others:
        return refusal_page("Nothing to revoke", [NO_OTHERS], back=page_url("sessions.own_sessions"))
    return confirm_page(
        f"Revoke {_number(len(others))}?",
        [
            f"Their next requests are refused: {', '.join(dict.fromkeys(others))}.",
            "This browser stays signed in.",
            *([_tokens_stay(tokens)] if tokens else []),
        ],
        button="Revoke all other sessions",
        action=page_url("sessions.end_others"),
        back=page_url("sessions.own_sessions"),
    )


@pages.post("/end-others")
@token_required(fresh=TEN_MINUTES, act="revoke all other sessions")
def end_others() -> BaseResponse:
    """Revoke all sessions of browsers but this one. Tokens for programs stay valid."""
    claims = current_claims()
    with write_transaction(current_db()):
        ended = lifecycle.end_all(
            current_db(), claims.subject, "ended_by_owner", keep=claims.session_id, kind=kinds.BROWSER
        )
    audit.record(Event.OTHER_SESSIONS_ENDED, "success", account=claims.subject, session=claims.session_id)
    message = f"Revoked: {_number(ended)}." if ended else NO_OTHERS
    return redirect_with_message(current_runtime().settings, claims.session_id, message, "sessions.own_sessions")


def _number(count: int) -> str:
    return "1 other session" if count == 1 else f"{count} other sessions"


def _tokens_stay(count: int) -> str:
    valid = "Your token for programs stays" if count == 1 else f"Your {count} tokens for programs stay"
    return f"{valid} valid. Revoke them on the page “Tokens for programs”."
