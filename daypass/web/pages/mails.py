"""The outgoing messages, for administrators: their state, never their contents."""

from flask import Blueprint

from daypass.accounts import accounts
from daypass.mail import outbox
from daypass.mail.kinds import WEBHOOK, Kind
from daypass.web.context import current_db
from daypass.web.delivery_words import delivery_error
from daypass.web.gate import token_required
from daypass.web.rendering import render_page

pages = Blueprint("mails", __name__, url_prefix="/admin/mails")

SHOWN = 200  # rows
NAMES = {
    Kind.RESET_REQUEST: "Reset asked for",
    Kind.RESET: "Reset link",
    Kind.CONFIRM_ADDRESS: "Confirmation link",
    Kind.NEW_SIGN_IN: "Sign-in from a new device",
    Kind.PASSWORD_CHANGED: "Password changed",
    Kind.PASSWORD_RESET: "Password reset",
    Kind.ADDRESS_CHANGED: "Address changed",
    Kind.ACCOUNT_THROTTLED: "Too many wrong passwords",
    Kind.ACCOUNT_DISABLED: "Account disabled",
    Kind.ACCOUNT_LOCKED: "Account locked by its owner",
    Kind.ACCOUNT_DISOWNED: "Account taken back",
    Kind.ACCOUNT_REQUESTED: "Account asked for",
}


@pages.get("", endpoint="mails")
@token_required(role=accounts.ADMIN)
def list_mails() -> str:
    return render_page(
        "daypass/pages/mails.html",
        mails=outbox.list_latest(current_db(), SHOWN),
        names=NAMES,
        delivery_error=delivery_error,
        webhook=WEBHOOK,
        reset_request=Kind.RESET_REQUEST,
        shown=SHOWN,
    )
