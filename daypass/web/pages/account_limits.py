"""What an account may do, and until when: administrators change its roles and its end date."""

from datetime import date

from flask import Blueprint, make_response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, end_dates, queries
from daypass.accounts.errors import InvalidEndDate, InvalidRole, OwnAccount
from daypass.audit.events import Event
from daypass.sessions import lifecycle
from daypass.web.account_change import account_change, to_account, to_sign_in
from daypass.web.confirm_account_act import confirm_account_act
from daypass.web.context import current_db
from daypass.web.gate import current_claims, token_required
from daypass.web.managed_account_page import account_page
from daypass.web.reauthentication import TEN_MINUTES

pages = Blueprint("account_limits", __name__, url_prefix="/admin/accounts/<account_id>")

CONFIRMED = "confirmed"  # field of the page that asks before sessions end


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
    """Set the last day on which the account can be used. If that ends sessions now, a page asks first.

    Raises AccountGone, OwnAccount or LastAdmin.
    """
    if account_id == current_claims().subject:
        raise OwnAccount("an administrator cannot limit their own account")
    db, confirmed = current_db(), CONFIRMED in request.form
    try:
        day = end_dates.parse_future(request.form.get("day", "").strip())
        ends_at = end_dates.end_of(day)
    except InvalidEndDate as error:
        return account_page(account_id, errors={"day": [error.message]}, status=error.status)
    ending = lifecycle.count_outlasting(db, account_id, ends_at)
    if ending and not confirmed:
        return make_response(_confirm_end_date(account_id, day, ending))
    with account_change(account_id, Event.END_DATE_SET) as account:
        ending = lifecycle.count_outlasting(db, account_id, ends_at)
        accounts.set_end(db, account, ends_at)
        name = account.name
    ended = f" Sessions and API tokens that would have lasted longer have ended: {ending}." if ending else ""
    return to_account(account_id, f"{name} can sign in until the end of {day} (UTC).{ended}")


def _confirm_end_date(account_id: str, day: date, ending: int) -> str:
    """Say which sessions the end date would end at once. Raises AccountGone."""
    account = queries.find_managed(current_db(), account_id)
    return confirm_account_act(
        account,
        f"Let {account.name} sign in until {day} only?",
        [
            f"A session that would last longer cannot be shortened. {account.name} can sign in again until the end of "
            f"{day} (UTC)."
        ],
        button="Set the end date",
        endpoint="account_limits.set_end_date",
        ending=ending,
        fields={"day": str(day), CONFIRMED: "yes"},
    )


@pages.post("/end-date/remove")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="remove the end date of this account")
def remove_end_date(account_id: str) -> BaseResponse:
    """Let the account be used for good. Raises AccountGone."""
    with account_change(account_id, Event.END_DATE_SET) as account:
        accounts.set_end(current_db(), account, None)
        name = account.name
    return to_account(account_id, f"{name} has no end date any more.")
