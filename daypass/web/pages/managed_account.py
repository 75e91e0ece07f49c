"""An account's own page for administrators: what is known of it, its sessions and its mail address."""

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, email, queries
from daypass.accounts.errors import AddressTaken, InvalidAddress
from daypass.audit.events import Event
from daypass.sessions import lifecycle
from daypass.web.account_change import BY_ADMINISTRATOR, account_change, on_account, to_account
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import EmailForm
from daypass.web.gate import token_required
from daypass.web.managed_account_page import account_page
from daypass.web.managed_sessions import is_program, live_session, session_in_words
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES

pages = Blueprint("managed_account", __name__, url_prefix="/admin/accounts/<account_id>")


@pages.get("", endpoint="account")
@token_required(role=accounts.ADMIN)
def show(account_id: str) -> Response:
    """Show the account, with forms for everything that an administrator can do with it. Raises AccountGone."""
    return account_page(account_id)


@pages.get("/sessions/<session_id>/end")
@token_required(role=accounts.ADMIN)
def confirm_end_session(account_id: str, session_id: str) -> str:
    """Say which session is revoked, and what that will do. Raises AccountGone or NoSuchSession."""
    account = queries.find_managed(current_db(), account_id)
    session = live_session(current_db(), account_id, session_id)
    seen = f"Last seen on {session.last_seen_at:%Y-%m-%d at %H:%M UTC}"
    effect = (
        "Programs that use it need a new token."
        if is_program(session)
        else f"Whoever uses it needs the password of {account.name} to sign in again."
    )
    return confirm_page(
        f"Revoke {session_in_words(session, account.name)}?",
        [
            f"{seen}, from {session.address}." if session.address else f"{seen}.",
            f"Its next request is refused. {effect} This cannot be undone.",
        ],
        button=f"Revoke this {'token' if is_program(session) else 'session'}",
        action=page_url("managed_account.end_session", account_id=account_id, session_id=session_id),
        back=page_url("managed_account.account", account_id=account_id),
    )


@pages.post("/sessions/<session_id>/end")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("revoke a session of {name}"))
def end_session(account_id: str, session_id: str) -> BaseResponse:
    """End one session of the account. Raises AccountGone or NoSuchSession."""
    with account_change(account_id, Event.SESSION_ENDED) as account:
        name, session = account.name, live_session(current_db(), account_id, session_id)
        lifecycle.end_own(current_db(), account_id, session_id, "ended_by_admin")
    revoked = session_in_words(session, name)
    return to_account(account_id, f"{revoked[0].upper()}{revoked[1:]} was revoked. Its next request is refused.")


@pages.post("/email")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("set the mail address of {name}"))
def set_address(account_id: str) -> BaseResponse:
    """Set an address, which needs no confirmation then, as with `daypass user email`. Raises AccountGone."""
    typed = EmailForm(request.form).email.data or ""
    try:
        address = email.parse(typed)
        name = _change_address(account_id, address)
    except (InvalidAddress, AddressTaken) as error:
        return account_page(account_id, errors={"email": [error.message]}, new_email=typed, status=error.status)
    return to_account(account_id, f"The mail address of {name} is now {address}.")


@pages.post("/email/remove")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("remove the mail address of {name}"))
def remove_address(account_id: str) -> BaseResponse:
    """Remove the address, confirmed or not. Raises AccountGone."""
    return to_account(account_id, f"{_change_address(account_id, None)} has no mail address any more.")


def _change_address(account_id: str, address: str | None) -> str:
    """Set or remove the address, of which the former one gets a notice; returns the name of the account."""
    with account_change(account_id, Event.ADDRESS_CHANGED) as account:
        email.change(current_db(), current_runtime().settings, account, address, BY_ADMINISTRATOR)
        return account.name
