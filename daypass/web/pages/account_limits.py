"""What an account may do, and until when: administrators change its roles and its end date."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, end_dates
from daypass.accounts.errors import InvalidEndDate, InvalidRole, OwnAccount
from daypass.audit.events import Event
from daypass.web.account_change import account_change, to_account, to_sign_in
from daypass.web.context import current_db
from daypass.web.gate import current_claims, token_required
from daypass.web.managed_account_page import account_page
from daypass.web.reauthentication import TEN_MINUTES

pages = Blueprint("account_limits", __name__, url_prefix="/admin/accounts/<account_id>")


@pages.post("/roles/add")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="give this account a role")
def add_role(account_id: str) -> BaseResponse:
    """Add a role, and keep the others. Raises AccountGone."""
    return _change_role(account_id, add=request.form.get("role", "").strip())


@pages.post("/roles/remove")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="take a role from this account")
def remove_role(account_id: str) -> BaseResponse:
    """Remove a role, and keep the others. Raises AccountGone or LastAdmin."""
    return _change_role(account_id, remove=request.form.get("role", ""))


def _change_role(account_id: str, *, add: str | None = None, remove: str | None = None) -> BaseResponse:
    """Add or remove one role. Administrators who change their own have to sign in again."""
    db, added, removed = current_db(), [] if add is None else [add], [] if remove is None else [remove]
    try:
        with account_change(account_id, Event.ROLES_SET) as account:
            name = account.name
            if not accounts.change_roles(db, account, add=added, remove=removed):
                raise InvalidRole("has it already", message=f"{name} has this role already.")
    except InvalidRole as error:
        return account_page(account_id, errors={"role": [error.message]}, role=add or "", status=error.status)
    if account_id == current_claims().subject:
        return to_sign_in(url_for("managed_account.account", account_id=account_id))
    change = f"{name} now has the role {add}." if remove is None else f"{name} no longer has the role {remove}."
    return to_account(account_id, f"{change} All sessions of {name} have ended.")


@pages.post("/end-date")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="set the end date of this account")
def set_end_date(account_id: str) -> BaseResponse:
    """Set the last day on which the account can be used. Raises AccountGone, OwnAccount or LastAdmin."""
    if account_id == current_claims().subject:
        raise OwnAccount("an administrator cannot limit their own account")
    try:
        day = end_dates.parse(request.form.get("day", "").strip())
        ends_at = end_dates.end_of(day)
    except InvalidEndDate as error:
        return account_page(account_id, errors={"day": [error.message]}, status=error.status)
    with account_change(account_id, Event.END_DATE_SET) as account:
        ended = accounts.set_end(current_db(), account, ends_at)
        name = account.name
    message = f"{name} can sign in until the end of {day} (UTC)."
    if ended:
        message += f" {ended} {'session' if ended == 1 else 'sessions'} that would have lasted longer ended."
    return to_account(account_id, message)


@pages.post("/end-date/remove")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="remove the end date of this account")
def remove_end_date(account_id: str) -> BaseResponse:
    """Let the account be used for good. Raises AccountGone."""
    with account_change(account_id, Event.END_DATE_SET) as account:
        accounts.set_end(current_db(), account, None)
        name = account.name
    return to_account(account_id, f"{name} has no end date any more.")
