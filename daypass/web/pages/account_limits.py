"""What an account may do, and until when: administrators change its roles and its end date."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, administrators, end_dates, queries
from daypass.accounts.errors import InvalidEndDate, InvalidRole, LastAdmin, OwnAccount, PastEndDate
from daypass.audit.events import Event
from daypass.sessions import lifecycle
from daypass.web.account_change import account_change, on_account, to_account, to_sign_in
from daypass.web.confirm_act import confirm_account_act, refusal_page
from daypass.web.context import current_db
from daypass.web.forms import RolesForm
from daypass.web.gate import current_claims, token_required
from daypass.web.managed_account_page import account_page
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.role_choice import note_on_new_role, read_roles, with_roles

pages = Blueprint("account_limits", __name__, url_prefix="/admin/accounts/<account_id>")

KEEP_OUT = "To keep somebody out from now on, disable the account."
CONFIRMED = "confirmed"  # field of the page that asks before sessions end


@pages.post("/roles/add")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("give roles to {name}"))
def add_roles(account_id: str) -> BaseResponse:
    """Add roles, and keep the others. Raises AccountGone."""
    form = with_roles(RolesForm(request.form))
    added, note = read_roles(form), note_on_new_role(form)
    if added is None:
        return account_page(account_id, roles=form, status=InvalidRole.status)
    try:
        name = _change_roles(account_id, add=added)
    except InvalidRole as error:
        form.roles.errors = [error.message]
        return account_page(account_id, roles=form, status=error.status)
    change = f"{name} now has the {'role' if len(added) == 1 else 'roles'} {', '.join(added)}."
    return _changed_roles(account_id, name, change, note)


@pages.get("/roles/remove")
@token_required(role=accounts.ADMIN)
def confirm_remove_role(account_id: str) -> Response:
    """Say what removing the role will do, or that it is not possible. Raises AccountGone."""
    account, role = queries.find_managed(current_db(), account_id), request.args.get("role", "")
    if role not in account.roles:
        return account_page(account_id, errors={"role": [f"{account.name} does not have this role."]}, status=422)
    if role == accounts.ADMIN and administrators.is_last(current_db(), account):
        only = f"{account.name} is the only administrator who can sign in for good, and one always remains."
        back = page_url("managed_account.account", account_id=account_id)
        return make_response(refusal_page("The role admin cannot be removed", [only, LastAdmin.advice], back=back))
    who = "You have" if account_id == current_claims().subject else f"{account.name} has"
    page = confirm_account_act(
        account,
        f"Remove the role {role} from {account.name}?",
        [f"{who} to sign in again afterwards, because passes contain the roles."],
        button=f"Remove the role {role}",
        endpoint="account_limits.remove_role",
        fields={"role": role},
    )
    return make_response(page)


@pages.post("/roles/remove")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("take a role from {name}"))
def remove_role(account_id: str) -> BaseResponse:
    """Remove a role, and keep the others. Raises AccountGone or LastAdmin."""
    role = request.form.get("role", "")
    try:
        name = _change_roles(account_id, remove=[role])
    except InvalidRole as error:
        return account_page(account_id, errors={"role": [error.message]}, status=error.status)
    return _changed_roles(account_id, name, f"{name} no longer has the role {role}.")


def _change_roles(account_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> str:
    """Add or remove roles; returns the name of the account. Raises AccountGone, LastAdmin or InvalidRole."""
    if not add and not remove:
        raise InvalidRole("none chosen", message="Select a role, or enter a new one.")
    with account_change(account_id, Event.ROLES_SET) as account:
        name = account.name
        if not accounts.change_roles(current_db(), account, add=add, remove=remove):
            raise InvalidRole("has them already", message=f"{name} has {', '.join(add)} already.")
    return name


def _changed_roles(account_id: str, name: str, change: str, note: str | None = None) -> BaseResponse:
    """Say what changed. Administrators who changed their own roles have to sign in again."""
    if account_id == current_claims().subject:
        return to_sign_in(page_url("managed_account.account", account_id=account_id))
    return to_account(account_id, " ".join(filter(None, [change, f"All sessions of {name} have ended.", note])))


@pages.post("/end-date")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("set the end date of {name}"))
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
        advice = [KEEP_OUT] if isinstance(error, PastEndDate) else []
        return account_page(account_id, errors={"day": [error.message, *advice]}, status=error.status)
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
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("remove the end date of {name}"))
def remove_end_date(account_id: str) -> BaseResponse:
    """Let the account be used for good. Raises AccountGone."""
    with account_change(account_id, Event.END_DATE_SET) as account:
        accounts.set_end(current_db(), account, None)
        name = account.name
    return to_account(account_id, f"{name} has no end date any more.")
