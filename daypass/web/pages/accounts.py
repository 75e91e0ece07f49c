"""The accounts page for administrators: the list, and signing out everybody."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, listing, roles
from daypass.audit.events import Event
from daypass.database.transactions import in_batches
from daypass.sessions import lifecycle
from daypass.web import account_list, audit
from daypass.web.account_change import to_sign_in
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db
from daypass.web.gate import current_claims, token_required
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page

pages = Blueprint("admin", __name__, url_prefix="/admin")


@pages.get("", endpoint="accounts")
@token_required(role=accounts.ADMIN)
def list_accounts() -> str:
    """A page of the list that the query asks for."""
    shown = account_list.read_listing(request.args)
    page = listing.read_page(current_db(), shown, datetime.now(UTC))
    return render_page(
        "daypass/pages/accounts.html",
        accounts=page.accounts,
        shown=shown,
        query=account_list.query_of(shown),
        next=account_list.next_query(shown, page.next) if page.next else None,
        headers=account_list.sort_headers(shown),
        lists=account_list.FIXED_LISTS,
        roles_in_use=[role for role in roles.in_use(current_db()) if role != accounts.ADMIN],
        orders=account_list.ORDERS,
        order=account_list.order_of(shown),
    )


@pages.get("/accounts")
@token_required(role=accounts.ADMIN)
def redirect_to_accounts() -> BaseResponse:
    """Redirect to the list, for people who shorten the address of an account's page."""
    return redirect(page_url("admin.accounts"), HTTPStatus.PERMANENT_REDIRECT)


@pages.get("/sign-out-everybody", endpoint="confirm_sign_out_everybody")
@token_required(role=accounts.ADMIN)
def confirm_sign_out_everybody() -> str:
    """Say what signing out everybody will do."""
    return confirm_page(
        "Sign out everybody?",
        [
            "Every session and API token of every account ends now, including yours. People sign in again; programs "
            "need new API tokens.",
            "This cannot be undone.",
        ],
        button="Sign out everybody",
        action=page_url("admin.sign_out_everybody"),
        back=page_url("admin.accounts"),
    )


@pages.post("/sign-out-everybody")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="sign out everybody")
def sign_out_everybody() -> BaseResponse:
    """End every session of every account, including the administrator's own."""
    in_batches(current_db(), lambda db: lifecycle.end_batch(db, "ended_by_admin"))
    audit.record(Event.ALL_SESSIONS_ENDED, "success", account=None, by=current_claims().subject)
    return to_sign_in(page_url("admin.accounts"))
