"""Requests for accounts, for administrators: approve or reject them."""

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, requests
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.web import audit
from daypass.web.account_change import on_account
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import redirect_with_message
from daypass.web.gate import current_claims, token_required
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page

pages = Blueprint("requests", __name__, url_prefix="/admin/requests")

LIST = "requests.requests"


@pages.get("", endpoint="requests")
@token_required(role=accounts.ADMIN)
def show_requests() -> str:
    return render_page(
        "daypass/pages/requests.html", waiting=requests.list_waiting(current_db()), days=requests.KEEP.days
    )


@pages.post("/<account_id>/approve")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("approve {name}"))
def approve(account_id: str) -> BaseResponse:
    """Let the account sign in."""
    db = current_db()
    with write_transaction(db):
        name = requests.approve(db, account_id).name
        audit.record_with(db, Event.ACCOUNT_APPROVED, account=account_id, by=current_claims().subject)
    return _done(f"{name} can sign in from now on.")


@pages.get("/<account_id>/reject")
@token_required(role=accounts.ADMIN)
def confirm_reject(account_id: str) -> str:
    """Say what rejecting the request will do."""
    name = requests.get(current_db(), account_id).name
    return confirm_page(
        f"Reject {name}?",
        ["The account is deleted, and the name is free again.", f"{name} is not told. This cannot be undone."],
        button=f"Reject {name}",
        action=page_url("requests.reject", account_id=account_id),
        back=page_url(LIST),
    )


@pages.post("/<account_id>/reject")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("reject {name}"))
def reject(account_id: str) -> BaseResponse:
    """Delete the account."""
    db = current_db()
    with write_transaction(db):
        name = requests.reject(db, account_id)
        audit.record_with(db, Event.ACCOUNT_REJECTED, account=account_id, by=current_claims().subject)
    return _done(f"The request of {name} was rejected, and the account deleted.")


def _done(message: str) -> BaseResponse:
    return redirect_with_message(current_runtime().settings, current_claims().session_id, message, LIST)
