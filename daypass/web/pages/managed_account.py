"""An account's own page for administrators: what is known of it, and its sessions."""

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts
from daypass.audit.events import Event
from daypass.sessions import lifecycle
from daypass.sessions.errors import NoSuchSession
from daypass.web.account_change import account_change, to_account
from daypass.web.context import current_db
from daypass.web.gate import token_required
from daypass.web.managed_account_page import account_page
from daypass.web.reauthentication import TEN_MINUTES

pages = Blueprint("managed_account", __name__, url_prefix="/admin/accounts/<account_id>")


@pages.get("", endpoint="account")
@token_required(role=accounts.ADMIN)
def show(account_id: str) -> Response:
    """Show the account, with forms for everything that an administrator can do with it. Raises AccountGone."""
    return account_page(account_id)


@pages.post("/sessions/<session_id>/end")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="revoke a session of this account")
def end_session(account_id: str, session_id: str) -> BaseResponse:
    """End one session of the account. Raises AccountGone or NoSuchSession."""
    with account_change(account_id, Event.SESSION_ENDED) as account:
        if not lifecycle.end_own(current_db(), account_id, session_id, "ended_by_admin"):
            raise NoSuchSession("not one of this account's live sessions")
        name = account.name
    return to_account(account_id, f"A session of {name} was revoked. Its next request is refused.")
