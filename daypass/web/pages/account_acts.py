"""Acts of administrators on an account: sign out everywhere, disable, enable, reset the password, delete.

Those that end sessions or cannot be undone have a page before them, which says what they will do.
"""

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, queries, recovery
from daypass.accounts.errors import AccountGone, OwnAccount
from daypass.accounts.notices import notify
from daypass.accounts.status import accepts_links, why_inactive
from daypass.audit.events import Event
from daypass.mail.kinds import Kind
from daypass.sessions import lifecycle
from daypass.web.account_change import (
    BY_ADMINISTRATOR,
    account_change,
    on_account,
    to_account,
    to_accounts,
    to_sign_in,
)
from daypass.web.confirm_act import confirm_account_act
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, token_required
from daypass.web.page_url import page_url
from daypass.web.password_links import link_page
from daypass.web.reauthentication import TEN_MINUTES

pages = Blueprint("account_acts", __name__, url_prefix="/admin/accounts/<account_id>")


@pages.get("/sign-out")
@token_required(role=accounts.ADMIN)
def confirm_sign_out(account_id: str) -> str:
    """Say what signing the account out will do."""
    account = queries.find_managed(current_db(), account_id)
    return confirm_account_act(
        account,
        f"Sign {account.name} out everywhere?",
        [f"{account.name} can sign in again. Programs need new API tokens.", "This cannot be undone."],
        button=f"Sign {account.name} out everywhere",
        endpoint="account_acts.sign_out",
    )


@pages.post("/sign-out")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("sign out {name} everywhere"))
def sign_out(account_id: str) -> BaseResponse:
    """End all sessions of an account. Raises AccountGone."""
    with account_change(account_id, Event.SESSIONS_ENDED) as account:
        lifecycle.end_all(current_db(), account.id, "ended_by_admin")
        name = account.name
    if account_id == current_claims().subject:
        return to_sign_in(page_url("managed_account.account", account_id=account_id))
    return to_account(account_id, f"{name} was signed out everywhere.")


@pages.get("/disable")
@token_required(role=accounts.ADMIN)
def confirm_disable(account_id: str) -> str:
    """Say what disabling the account will do."""
    account = queries.find_managed(current_db(), account_id)
    return confirm_account_act(
        account,
        f"Disable {account.name}?",
        [f"{account.name} cannot sign in until an administrator enables the account again. Ended sessions stay ended."],
        button=f"Disable {account.name}",
        endpoint="account_acts.disable",
    )


@pages.post("/disable")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("disable {name}"))
def disable(account_id: str) -> BaseResponse:
    """Disable an account. Raises AccountGone, OwnAccount or LastAdmin."""
    _refuse_own(account_id)
    db, settings = current_db(), current_runtime().settings
    with account_change(account_id, Event.ACCOUNT_DISABLED) as account:
        accounts.disable(db, account)
        notify(db, settings, account, Kind.ACCOUNT_DISABLED, BY_ADMINISTRATOR, to=account.email)
        name = account.name
    return to_account(account_id, f"{name} was disabled, and cannot sign in any more.")


@pages.post("/enable")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("enable {name}"))
def enable(account_id: str) -> BaseResponse:
    """Enable an account, so that its owner can sign in again. Raises AccountGone."""
    with account_change(account_id, Event.ACCOUNT_ENABLED) as account:
        accounts.enable(current_db(), account)
        name = account.name
    return to_account(account_id, f"{name} was enabled, and can sign in again.")


@pages.post("/reset")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("create a reset link for {name}"))
def reset(account_id: str) -> str:
    """Create a link with which the account's owner sets a new password. Raises AccountGone, also if it is not active.

    It is mailed to the account's confirmed address. Only if that is impossible, it is shown, once.
    """
    runtime, db = current_runtime(), current_db()
    ring = runtime.keys.current()
    with account_change(account_id, Event.RESET_LINK_CREATED) as account:
        if not accepts_links(account):
            inactive = why_inactive(account) or ""
            raise AccountGone(inactive, message=f"{account.name} is {inactive}, so a link would not work.")
        name = account.name
        mailed = runtime.settings.sends_mail and recovery.send_link(db, account)
        link_id = None if mailed else recovery.new_link(account)
    return link_page(ring, account_id, name, link_id)


@pages.get("/delete")
@token_required(role=accounts.ADMIN)
def confirm_delete(account_id: str) -> str:
    """Say what deleting the account will do."""
    account = queries.find_managed(current_db(), account_id)
    return confirm_account_act(
        account,
        f"Delete {account.name} permanently?",
        [
            f"{account.name} cannot sign in any more. The events of the account stay in the list of events, and its "
            "name stays reserved, because apps identify people by name.",
            "This cannot be undone. If you only want to keep somebody out, disable the account.",
        ],
        button=f"Delete {account.name} permanently",
        endpoint="account_acts.delete",
    )


@pages.post("/delete")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("delete {name} permanently"))
def delete(account_id: str) -> BaseResponse:
    """Delete an account. Raises AccountGone, OwnAccount or LastAdmin."""
    _refuse_own(account_id)
    with account_change(account_id, Event.ACCOUNT_DELETED) as account:
        name = account.name
        accounts.delete(current_db(), account)
    return to_accounts(f"{name} was deleted. All sessions of {name} have ended.")


def _refuse_own(account_id: str) -> None:
    if account_id == current_claims().subject:
        raise OwnAccount("an administrator's own account")
